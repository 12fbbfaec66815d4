"""
Publish a new text of the policy: looked at first, then frozen, announced, and told to everybody who has an account.

Why the look is an act of its own: the desk shows what a publication would do with the very judgement that will do it.

Holds:    a text that was published, that is dated no later than the newest one, that has a sentence without a clause,
          or that takes effect sooner than the policy in force lets people know, is refused before anything is written.
          Text, announcement and audience commit together; the notices themselves follow in batches.
          Beyond wording it takes two different signers (`next_text` says who they are).
Does not: ask whether they are officers; who may publish is the desk's affair.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from avow.communications import announcing, changes, notices
from avow.communications.announcing import Kind
from avow.errors import BadInput, BindingWrong, PolicyUnreadable, Refused
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.people import company
from avow.policy.binding import BoundPolicy, bind
from avow.policy.diff import Change, diff, worst
from avow.policy.judging import Class
from avow.policy.parsing import parse
from avow.policy.promises import Promise, keeps
from avow.policy.reading_clauses import parse_clauses
from avow.vault import persons

TELLING = "communications.tell_of_changes"  # the job, by its name: it stands above this act (`telling`)
SIGNERS = 2
NOTICE_DAYS = 30  # where the policy in force sets none
AT_ONCE = frozenset({Class.WORDING, Class.NARROWING})


@dataclass(frozen=True)
class Proposed:
    """What publishing a text would do."""

    before: Version
    bound: BoundPolicy
    effective: date
    changes: tuple[Change, ...]
    earliest: date
    audience: int

    @property
    def class_(self) -> Class:
        """How far the change goes as a whole."""
        return worst(self.changes)


def propose(raw: bytes, clauses: bytes, *, now: datetime) -> Proposed:
    """Say what publishing this text would change, or raise what stands against it."""
    before, bound = _newest(), bind(parse(raw, name="the new text"), parse_clauses(clauses))
    effective = bound.document.effective_date
    if effective is None:
        raise PolicyUnreadable("The new text names no effective date; write one near its top, then publish it.")
    _refuse_a_known_or_older_text(bound, before, effective)
    _refuse_what_is_not_bound(bound)
    found = diff(before.bound, bound)
    earliest = now.astimezone(UTC).date() + timedelta(days=notice_days(now) if worst(found) not in AT_ONCE else 0)
    if effective < earliest:
        raise BadInput(
            f"The new text takes effect on {effective:%-d %B %Y}, but people must be told of a change that is "
            f"{worst(found).value} before it does: date it {earliest:%-d %B %Y} or later."
        )
    return Proposed(before, bound, effective, found, earliest, persons.living())


@keeps(Promise.CHANGE_NOTICE)
@transaction.atomic
def publish(
    raw: bytes, clauses: bytes, *, text: str = "", by: str, now: datetime, signed: tuple[UUID, ...] = ()
) -> Version:
    """Freeze the text, announce it and draw up who is owed the notice; a job then tells them.

    signed: two officers, by their numbers, for anything beyond wording; else Refused.
    """
    versions.one_at_a_time()
    proposed = propose(raw, clauses, now=now)
    if proposed.class_ is not Class.WORDING and len(set(signed)) < SIGNERS:
        raise Refused(
            f"A change that is {proposed.class_.value} takes two officers: one puts it forward, one publishes."
        )
    version = versions.freeze(raw, clauses, now=now, published_by=by)
    announce(version, text or in_short(proposed.changes), now=now)
    notices.draw_up(version.sha256, now=now)
    app.configure_task(TELLING).defer()
    return version


def announce(version: Version, text: str, *, now: datetime) -> None:
    """Put the announcement of a version on the site."""
    title = f"{company.name(now)} changes its privacy policy on {version.effective_date:%-d %B %Y}"
    announcing.announce(Kind.POLICY, title, text, now=now, version=version.sha256)


@transaction.atomic
def catch_up(*, now: datetime) -> int:
    """Announce what was frozen by another way (at a start), and bring in who has come since; return how many rows."""
    made = 0
    for one in changes.later():
        is_announced = announcing.of_version(one.version.sha256) is not None
        if not is_announced:
            announce(one.version, in_short(one.changes), now=now)
        since = one.version.published_at if is_announced else None
        made += notices.draw_up(one.version.sha256, now=now, enrolled_since=since)
    return made


def notice_days(now: datetime) -> int:
    """Return for how many days the policy in force lets people know of a change."""
    number = versions.in_force(now).bound.number("notice_days")
    return number.value if number else NOTICE_DAYS


def in_short(found: tuple[Change, ...]) -> str:
    """Say in one line what changed, where nobody wrote an announcement."""
    count = {one: sum(change.class_ is one for change in found) for one in Class}
    said = ", ".join(f"{number} {one.value}" for one, number in count.items() if number)
    return f"{len(found)} sentences change ({said})." if said else "No sentence changes."


def _newest() -> Version:
    found = versions.all_versions()
    if not found:
        raise BadInput("No policy has been published yet, so none can follow it; start with `avow up --policy FILE`.")
    return found[-1]


def _refuse_a_known_or_older_text(bound: BoundPolicy, before: Version, effective: date) -> None:
    known = next((one for one in versions.all_versions() if one.sha256 == bound.document.source_sha256), None)
    if known:
        raise BadInput(f"This text is published already, as version {known.number}; change it, then publish it.")
    if effective <= before.effective_date:
        raise BadInput(
            f"The new text is dated {effective:%-d %B %Y}, and version {before.number} takes effect on "
            f"{before.effective_date:%-d %B %Y}: give it a later date."
        )


def _refuse_what_is_not_bound(bound: BoundPolicy) -> None:
    loose = [sentence.id for sentence, clause in bound.clauses if clause is None or clause.draft]
    if loose:
        raise BindingWrong(
            f"Sentence {loose[0]} of the new text has no confirmed clause ({len(loose)} such): bind each in its table, "
            "`avow policy check` lists them."
        )
