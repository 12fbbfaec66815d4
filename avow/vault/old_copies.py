"""
Until when a copy of the key database from before an erasure could still open the person: what is so now.

Why beside the certificate's own day: that day is the latest; a roll at once, or a stricter policy, makes it sooner.

Holds:    it is read from what the puncture wrote down and from the epoch whose key sealed the old cover.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.vault.keys.models import Epoch, Puncture


@dataclass(frozen=True)
class OldCopies:
    """By when copies open nothing, and since when they do where that has come."""

    open_until: datetime
    useless_since: datetime | None


def of(request: UUID) -> OldCopies | None:
    """Return how it stands with the copies from before this request's erasure; None before it was erased."""
    row = Puncture.objects.filter(request=request).values_list("epoch", "dies_at").first()
    if row is None:
        return None
    since = Epoch.objects.filter(number=row[0]).values_list("destroyed_at", flat=True).first()
    return OldCopies(row[1], since)
