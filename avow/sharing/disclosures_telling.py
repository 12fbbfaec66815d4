"""
Tell a person that something of theirs was handed over, at once or when a ban to tell them ends.

Holds:    the notice is a message of its own kind, an entry that the person can open, and a line on their page. It is
          given once. A person without address has the entry and the line.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.communications import sending
from avow.communications.classes import Message, MessageClass
from avow.errors import Erased, NotFound
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.sharing import disclosures
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import LEFT, State
from avow.vault import holds, recipients
from avow.vault.attesting import attest
from avow.vault.models import Recipient


def tell_or_wait(row: Disclosure, *, now: datetime) -> None:
    """Tell the person now, unless that is forbidden until a day; of somebody who was erased the case ends here."""
    if row.hold:
        disclosures.move(row, State.CLOSED, now=now, person=None, sealed_note=None)
    elif row.withheld_until and row.withheld_until > now:
        disclosures.move(row, State.WITHHELD, now=now)
    else:
        tell(row, now=now)


@keeps(Promise.LEGAL_DISCLOSURE)
def tell(row: Disclosure, *, now: datetime) -> None:
    """Tell the person; the caller has locked the case."""
    assert row.person is not None, "who was erased can no longer be told"
    disclosures.move(row, State.NOTIFIED, now=now)
    attest(row.person, Act.DISCLOSED_BY_LAW, promise=Promise.LEGAL_DISCLOSURE, actor="staff", now=now)
    gaps = {"authority": authority_of(row), "fields": ", ".join(row.fields)}
    try:
        sending.send(row.person, Message(MessageClass.ANSWER, "disclosed", gaps), now=now)
    except NotFound:
        return  # no address: their page and their log say it


def tell_due(now: datetime) -> int:
    """Tell everybody whose ban has ended; return how many. Who is being erased holds up nobody else."""
    due = Disclosure.objects.filter(state=State.WITHHELD, withheld_until__lte=now, person__isnull=False)
    return sum(_tell_one(case, now) for case in due.values_list("pk", flat=True))


def end_with_holds(now: datetime) -> int:
    """End every case about a hold that has ended: its key is gone, and nothing more can leave; return how many."""
    rows = Disclosure.objects.filter(hold__isnull=False).exclude(hold__in=holds.standing(now=now))
    over = {key for key in rows.values_list("person", flat=True) if key}
    for key in over:
        forget(key, now=now)
    return len(over)


def _tell_one(case: UUID, now: datetime) -> bool:
    """Tell one person; False where it was done meanwhile, or where their erasure goes before."""
    try:
        with transaction.atomic():
            row = disclosures.find(case, lock=True)
            if row.state != State.WITHHELD or row.person is None:
                return False
            tell(row, now=now)
    except Erased:
        return False
    return True


@transaction.atomic
def forget(person: UUID, *, now: datetime) -> int:
    """Let cases go on without the person: what has not left is withdrawn; return how many they had been told of."""
    told = count(person)
    for row in Disclosure.objects.select_for_update().filter(person=person):
        state = State(row.state)
        to = State.CLOSED if state in LEFT - {State.NOTIFIED} else State.WITHDRAWN
        if state not in {State.NOTIFIED, State.WITHDRAWN}:
            disclosures.move(row, to, now=now)
        if row.grant:
            recipients.end_grant(row.grant, now=now)
    Disclosure.objects.filter(person=person).update(person=None, sealed_note=None, sealed_package=None)
    return told


def told(person: UUID) -> list[tuple[Disclosure, str]]:
    """Return the cases that a person was told of, with who asked; the newest first."""
    rows = Disclosure.objects.filter(person=person, state=State.NOTIFIED).order_by("-moved_at")
    return [(row, authority_of(row)) for row in rows]


def count(person: UUID) -> int:
    """Count the cases that a person was told of; others must not show, not by a number either."""
    return Disclosure.objects.filter(person=person, state=State.NOTIFIED).count()


def authority_of(row: Disclosure) -> str:
    """Return who asked."""
    return str(Recipient.objects.values_list("name", flat=True).get(pk=row.recipient))
