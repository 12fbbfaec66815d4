"""
Live checks of a changing policy: was everybody told, did nobody accept too early, does the gate wait for acceptance.

Holds:    what a check writes, a pretended next version included, is undone before it ends. No check reads what is held
          about anybody.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from avow.communications import announcing, changes, notices
from avow.communications.announcing import Kind
from avow.communications.models import PolicyNotice
from avow.evidence import pretending
from avow.evidence.versions import Version
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.policy import bases
from avow.policy.promises import Promise, watches
from avow.policy.purposes import ALWAYS, Purpose
from avow.vault import accepting, agreeing, choices, gate, governing

LATE = timedelta(minutes=15)  # a batch of letters takes seconds; catching up runs every minute
TEXT = "# A text for a live check\n\nEffective date: {day}\n\n## Use\n\n{sentence}\n"
TABLE = """format = "avow.clauses/1"

[uses]
at = "1.1"
says = '''{sentence}'''
kind = "permission"
promise = "purpose-limit"
purposes = {purposes}
"""


@watches(Promise.CHANGE_NOTICE, every=timedelta(minutes=5))
def every_change_was_announced_and_everybody_told(now: datetime) -> str | None:
    """Look for versions without announcement, people without notice and notices that nobody handed on; announce one."""
    for one in changes.later():
        number = one.version.number
        if one.version.published_at + LATE > now:
            continue
        if announcing.of_version(one.version.sha256) is None:
            return f"version {number} was published and not announced"
        if lacking := notices.without(one.version.sha256):
            return f"{lacking} people live under an older text and are owed no notice of version {number}"
    if PolicyNotice.objects.filter(account_at=None, shown_at=None, due_at__lt=now - LATE).exists():
        return "a notice is due and was not handed on"
    with in_vain():
        made = announcing.announce(Kind.PRODUCT, "A live check", "Nobody sees this.", now=now)
        told = any(one.id == made for one in announcing.newest())
    return None if told else "what is announced does not come to the site"


@watches(Promise.ACCEPTANCE_BY_USE, every=timedelta(minutes=5))
def nobody_accepted_before_being_shown(now: datetime) -> str | None:  # noqa: ARG001 - rows hold their own times
    """Look for acceptances before the showing or the date, and for people governed by what they never accepted."""
    accepted = PolicyNotice.objects.filter(accepted_at__isnull=False)
    early = Q(shown_at=None) | Q(accepted_at__lte=F("shown_at")) | Q(accepted_at__lt=F("effective_at"))
    if accepted.filter(early).exists():
        return "somebody counts as having accepted a change before it was shown to them or in effect"
    if accepting.by_whom() - accepted.values("person").distinct().count() > 0:
        return "somebody is governed by a newer text that they never accepted"
    return None


@watches(Promise.USE_UNDER_VERSION, every=timedelta(minutes=5))
def a_wider_text_waits_for_acceptance(now: datetime) -> str | None:
    """Pretend a narrower text and then a wider one, and ask the gate about what a canary gave before."""
    current = governing.in_force(now)
    kept, dropped = _two_purposes(current)
    if kept is dropped:
        return "the policy names a single purpose, so no narrower text could be tried"
    person = canary.account(now).person
    with in_vain():
        accepting.accept(person, current.sha256, now=now)
        narrower = _pretend({kept}, now)
        if _may(dropped, current, now) or not _may(kept, current, now):
            return "a narrower text does not govern old data at once"
        accepting.accept(person, narrower.sha256, now=now)
        wider = _pretend({kept, dropped}, now)
        if _may(dropped, current, now) or _may(dropped, wider, now):
            return "a wider text is used on a person's data before that person accepted it"
        accepting.accept(person, wider.sha256, now=now)
        return _why_not_once_accepted(person, dropped, current, wider, now)


def _why_not_once_accepted(person: UUID, purpose: Purpose, old: Version, wider: Version, now: datetime) -> str | None:
    """Ask the gate about what a canary gave before a text that it accepted, and about what it gives since."""
    if not _may(purpose, wider, now):
        return "a wider text is not used although the person accepted it"
    if settings.OLD_DATA_ASKS:
        if _may(purpose, old, now):
            return "a wider text is used on what a person gave before it, and they never agreed"
        agreeing.agree(person, wider.sha256, now=now)
    return None if _may(purpose, old, now) else "older data is not used although the person agreed"


@watches(Promise.BASIS_PER_PURPOSE, every=timedelta(minutes=5))
def every_purpose_has_a_basis_of_its_own(now: datetime) -> str | None:
    """Ask for the basis of each purpose in force, and for a sentence that names it beside the one on consent by use."""
    bound = governing.in_force(now).bound
    by_use = bound.by_promise(Promise.BASIS_PER_PURPOSE)
    for purpose in sorted(bound.purposes):
        if purpose not in bases.BASES or not bases.basis_of(purpose).because:
            return f"the purpose {purpose.value} has no basis of its own"
        if not any(purpose in clause.purposes for clause in bound.bound if clause not in by_use):
            return f"the purpose {purpose.value} rests on consent by use alone"
    return None


def _two_purposes(current: Version) -> tuple[Purpose, Purpose]:
    named = sorted(current.bound.purposes - ALWAYS)
    return named[0], named[-1]


def _may(purpose: Purpose, collected: Version, now: datetime) -> bool:
    chosen = choices.of(canary.PERSON, now=now)
    return gate.Rules(now).permit("live-check", collected.sha256, purpose, chosen)


def _pretend(purposes: set[Purpose], now: datetime) -> Version:
    named = sorted(purpose.value for purpose in purposes)
    sentence = f"We use what you give us for {' and '.join(named)}, says a check at {now.timestamp():.6f}."
    text = TEXT.format(day=now.date().isoformat(), sentence=sentence).encode()
    table = TABLE.format(sentence=sentence, purposes=named).encode()
    return pretending.publish(text, table, effective=now.date(), now=now)
