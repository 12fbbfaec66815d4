"""
End a hold: destroy its own key, and with it every copy of what it kept.

Holds:    after the end nothing that it kept opens, here or from a copy; the rows go too. What its person was told would
          finish by itself, finishes. Killed in between, the next sweep ends it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault import erasure, holds
from avow.vault.actor import SERVICE
from avow.vault.models import HeldField, Hold


@keeps(Promise.LEGAL_DISCLOSURE)
def release(hold: UUID, *, now: datetime) -> None:
    """End a hold before its day; a second click changes nothing."""
    closed = False
    while not closed:  # again where its person was erased meanwhile, so that the hold has a key since
        subject = holds.find(hold).subject
        if subject is not None:
            erasure.erase(subject, request=hold, asked_by=SERVICE, now=now)
        closed = _close(hold, subject, now)


def end_due(*, now: datetime) -> int:
    """End every hold whose day has come, confirmed or not; return how many."""
    due = list(Hold.objects.exclude(state="ended").filter(until__lte=now).values_list("pk", flat=True))
    for hold in due:
        release(hold, now=now)
    return len(due)


@transaction.atomic
def _close(hold: UUID, destroyed: UUID | None, now: datetime) -> bool:
    """Close it, and return True, unless it has a key that is not destroyed yet."""
    row = holds.find(hold, lock=True)
    if row.state == "ended":
        return True
    if row.subject != destroyed:
        return False
    HeldField.objects.filter(hold=row).delete()
    if row.state == "standing":
        holds.log(row, Act.HOLD_RELEASED, now)
    Hold.objects.filter(pk=hold).update(state="ended", ended_at=now, person=None, subject=None)
    return True
