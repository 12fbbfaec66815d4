"""
Accounts that an officer must look at before anything more is done: a child's, it seems, or of somebody who died.

    open      the data rests: nothing that can be objected to is done with it, and its person reads why
    wrong     it was not so: the data is used as before
    agreed    who may decide for them (a parent, the heirs) wants it kept: used as before, and the flag stays readable
    erase     the account is erased as any is, by the worker

Why a flag and no rule: nobody's age or death is known here, and a letter that says so may be mistaken, or a trick to
close somebody's account. So the word stops uses at once, which harms nobody, and a person decides what becomes of it.

Holds:    one open flag of a kind for each account; nobody decides about their own, which the database refuses too.
          Rest ends with the last open flag, and what its person put to rest goes on resting. Putting and
          deciding stand in the log, and on the person's page. A decision to erase is carried out by the worker, also
          after a crash: the sweep asks again, and asking twice is one erasure.
Assumes:  who puts one has read something that says so, and gives its file number.
Does not: find children or the dead, prove who a parent or an heir is, or close the sign-in meanwhile.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import NotFound, Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.requests import erasing
from avow.requests.flag_models import Decision, Flag, FlagKind
from avow.requests.jobs import carry_out_flags_soon
from avow.vault import choices, opening_cases, persons
from avow.vault.actor import ActorKind, staff
from avow.vault.attesting import attest
from avow.vault.in_turn import in_turn

OWN = "This is about your own account; another officer decides it."
DECIDED = "This was decided meanwhile; the page says how."


@transaction.atomic
def put(person: UUID, kind: FlagKind, *, by: UUID, now: datetime, reference: str = "") -> Flag:
    """Flag an account and let its data rest; an open flag of this kind is returned as it stands."""
    opening_cases.ask_for_a_number(reference)
    persons.lock(person)
    row, new = Flag.objects.get_or_create(
        person=person, kind=kind, decision="", defaults={"put_at": now, "put_by": by, "reference": reference}
    )
    if new:
        choices.freeze(person, now=now, by=ActorKind.STAFF)
        attest(person, Act.FLAGGED, promise=Promise.ACCESS_AND_ERASE, actor="staff", now=now)
    return row


@transaction.atomic
def decide(flag: UUID, decision: Decision, *, by: UUID, now: datetime) -> None:
    """Say what becomes of it; Refused when it was decided before, or is about the one who decides."""
    persons.lock(find(flag).person)  # as `put` does: two flags of one person are put and decided one after the other
    row = Flag.objects.select_for_update().get(pk=flag)
    if row.person == by:
        raise Refused(OWN)
    if row.decision:
        raise Refused(DECIDED)
    Flag.objects.filter(pk=flag).update(decision=decision, decided_at=now, decided_by=by)
    attest(row.person, Act.FLAG_DECIDED, promise=Promise.ACCESS_AND_ERASE, actor="staff", now=now)
    if decision == Decision.ERASE:
        carry_out_flags_soon()
    elif not is_open(row.person):
        choices.lift_freeze(row.person, now=now, by=ActorKind.STAFF)


def carry_out(*, now: datetime) -> int:
    """Ask for the erasures that officers decided and whose accounts are still here; return how many."""
    decided = Flag.objects.filter(decision=Decision.ERASE).order_by("decided_at")
    return len(in_turn(decided, lambda row: _ask_for_erasure(row, now)))


def find(flag: UUID, *, by: UUID | None = None) -> Flag:
    """Return a flag, or NotFound; to whom it is about there is none."""
    row = Flag.objects.filter(pk=flag).first()
    if row is None or row.person == by:
        raise NotFound("There is no flag by this number; the desk lists those that there are under Flags.")
    return row


def listed(*, apart_from: UUID, at_most: int = 200) -> list[Flag]:
    """Return the flags for the desk, open ones first and then the newest, without those on whoever looks."""
    rows = Flag.objects.exclude(person=apart_from)
    undecided, decided = rows.filter(decision="").order_by("put_at"), rows.exclude(decision="").order_by("-decided_at")
    return [*undecided, *decided[:at_most]]


def on(person: UUID) -> list[Flag]:
    """Return every flag on a person, the newest first: what their own page and their export show."""
    return list(Flag.objects.filter(person=person).order_by("-put_at"))


def is_open(person: UUID) -> bool:
    """Say whether an officer has still to look at this account."""
    return Flag.objects.filter(person=person, decision="").exists()


def forget(person: UUID) -> int:
    """Remove every flag of an erased person; return how many there were."""
    return Flag.objects.filter(person=person).delete()[0]


def _ask_for_erasure(row: Flag, now: datetime) -> None:
    assert row.decided_by is not None, "the database asks for it"
    erasing.ask(row.person, by=staff(row.decided_by), now=now, channel="desk")
