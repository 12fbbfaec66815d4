"""
End a hold: destroy its own key, and with it every copy of what it kept. So the erasure is finished, by itself.

    standing ── its day, or two officers ──> ending ── its key is punctured, as any other ──> ended: rows and names go

Why in steps that each commit: the key lies in the other database. From the first step on nothing opens and nothing more
is kept; killed between any two, the next round of the job goes on and ends the same.

Holds:    before its day a hold ends only when one officer proposed it and another confirmed. After the end nothing that
          it kept opens, here or from a copy; the rows are gone, and the hold names nobody. One hold that cannot be
          ended does not hold up the others; the first such failure is raised at the end.
Assumes:  the epoch key that wrapped the old cover is destroyed at the next roll, as for every erasure.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault import erasure, holds, holds_moving
from avow.vault.actor import SERVICE
from avow.vault.holds_states import State
from avow.vault.in_turn import in_turn
from avow.vault.models import HeldField, Hold, Person


@transaction.atomic
def propose_release(hold: UUID, *, by: UUID, now: datetime) -> None:
    """Propose to end a hold before its day; it goes on keeping until a second officer confirms."""
    row = holds.find(hold, lock=True, by=by)
    if not holds.stands(row, now=now):
        raise Refused("Only a hold that stands can be released; reload its page.")
    if row.release_by is not None:
        raise Refused("Its release is proposed already; another officer than the one who did confirms it.")
    Hold.objects.filter(pk=hold).update(release_by=by)


def confirm_release(hold: UUID, *, by: UUID, now: datetime) -> None:
    """Release a hold, as the second officer: what it kept is destroyed at once."""
    with transaction.atomic():
        row = holds.find(hold, lock=True, by=by)
        holds_moving.must(row, State.ENDING)
        if row.release_by is None:
            raise Refused("Nobody proposed to release this hold; propose it, and another officer confirms.")
        holds_moving.must_be_another(row.release_by, by)
        holds_moving.move(row, State.ENDING, released_by=by, ending_since=now)
    finish(hold, now=now)


def end_due(*, now: datetime) -> int:
    """End every hold whose day has come, and go on with each that was ending; return how many."""
    erased = Person.objects.filter(erased_at__isnull=False).values("person")
    proposed = Q(state=State.PROPOSED.value) & (Q(until__lte=now) | Q(person__in=erased))
    over = Q(state=State.STANDING.value, until__lte=now) | Q(state=State.ENDING.value)
    due = list(Hold.objects.filter(proposed | over).order_by("until").values_list("pk", flat=True))
    return len(in_turn(due, lambda hold: _end(hold, now)))


@keeps(Promise.LEGAL_DISCLOSURE, Promise.DE_IDENTIFY)
def finish(hold: UUID, *, now: datetime) -> None:
    """Destroy the key of a hold that is ending and close it; repeat it after any crash."""
    row = holds.find(hold)
    if row.state == State.ENDING:
        assert row.subject is not None, "a hold that is ending has a key, or had"
        erasure.erase(row.subject, request=row.subject, asked_by=SERVICE, now=now)  # a hold may have had two (`rekey`)
        _close(hold, now)


def _end(hold: UUID, now: datetime) -> None:
    with transaction.atomic():
        row = holds.find(hold, lock=True)
        if row.state == State.PROPOSED:
            holds.refuse(hold, by=None, now=now)
        elif row.state == State.STANDING and row.until <= now:  # it may have been prolonged since
            holds_moving.move(row, State.ENDING, ending_since=now)
    finish(hold, now=now)


@transaction.atomic
def _close(hold: UUID, now: datetime) -> None:
    """Remove what the hold kept and whom it names; its key is gone already."""
    row = holds.find(hold, lock=True)
    if row.state == State.ENDED:
        return
    HeldField.objects.filter(hold=row).delete()
    holds_moving.log(row, Act.HOLD_RELEASED, now)
    holds_moving.move(row, State.ENDED, ended_at=now, person=None, subject=None)
