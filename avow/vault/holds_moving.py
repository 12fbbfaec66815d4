"""
Find a hold, move it along its table of moves, and write that down.

Holds:    a hold moves only as `holds_states.MOVES` says, under the lock of its row; a second click is refused with a
          sentence. To the officer whom a hold is about there is no such hold.
          The log hears of it: as something about its person while they are here and may know, and about nobody
          otherwise.
"""

from datetime import datetime
from uuid import UUID

from avow.errors import Erased, NotFound, Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise
from avow.vault import governing, persons
from avow.vault.attesting import attest
from avow.vault.holds_states import MEANING, State, may
from avow.vault.models import Hold


def find(hold: UUID, *, lock: bool = False, by: UUID | None = None) -> Hold:
    """Return a hold, or NotFound; to the officer whom it is about there is none."""
    rows = Hold.objects.select_for_update(no_key=True) if lock else Hold.objects.all()
    row = rows.filter(pk=hold).first()
    if row is None or (by is not None and row.person == by):
        raise NotFound("There is no hold by this number; the desk lists those that there are.")
    return row


def stands(row: Hold, *, now: datetime) -> bool:
    """Say whether a hold is in force."""
    return row.state == State.STANDING and row.until > now


def must(row: Hold, to: State) -> None:
    """Refuse a move that the table of moves does not know: a second click, or a step too late."""
    if not may(State(row.state), to):
        raise Refused(
            f"This cannot be done now: the hold is {row.state} ({MEANING[State(row.state)]}). Reload its page."
        )


def must_be_another(first: UUID, second: UUID) -> None:
    """Refuse a second signature by the hand that gave the first."""
    if first == second:
        raise Refused("Whoever proposed it cannot confirm it; ask another officer.")


def move(row: Hold, to: State, **also: object) -> None:
    """Move a hold that the caller has locked."""
    must(row, to)
    Hold.objects.filter(pk=row.pk).update(state=to.value, **also)
    row.state = to.value


def log(row: Hold, act: Act, now: datetime) -> None:
    """Record an act on a hold."""
    if row.person is not None and not row.gagged and persons.standing(row.person).erased_at is None:
        try:
            attest(row.person, act, promise=Promise.LEGAL_DISCLOSURE, actor="staff", now=now)
        except Erased:  # killed between the two databases: the key is gone, and the erasure is not at its end
            pass
        else:
            return
    version = governing.in_force(now)
    clause = governing.clause_for(Promise.LEGAL_DISCLOSURE, version)
    record(
        Entry(act=act, at=now, promise=Promise.LEGAL_DISCLOSURE, clause=clause, policy=version.sha256, actor="staff")
    )
