"""
How long an epoch's key may live: the days of the policy's clause, counted from the epoch's beginning.

Why from the beginning and not from its end: an erasure in the first minute of an epoch and one in its last are told
the same day, and neither is told a day that is too early. So a backup of the key database serves R - 1 days.

Holds:    an epoch's day is set when it begins and only ever made earlier; certificates may repeat it.
"""

import os
from datetime import datetime, timedelta

from django.db.models import F

from avow.errors import NotFound
from avow.vault import governing
from avow.vault.keys.models import Epoch, EpochState

USUAL = 7  # days, where the text names none
A_DAY = timedelta(days=1)  # how long one epoch seals new covers


def days(now: datetime) -> int:
    """Return after how many days a destroyed key is gone from every backup: the text's, or the stricter setting."""
    try:
        promised = governing.in_force(now).bound.number("key_backup_days")
    except NotFound:  # nothing is published yet
        promised = None
    chosen = os.environ.get("AVOW_KEY_BACKUP_DAYS", "")
    limits = [promised.value if promised else USUAL, *([int(chosen)] if chosen.isdigit() else [])]
    return max(1, min(limits))


def day_of(began: datetime, *, now: datetime) -> datetime:
    """Return by when the key of an epoch that began at this time must be destroyed."""
    return began + timedelta(days=days(now))


def shorten(*, now: datetime) -> int:
    """Bring the days of living epochs forward where the text in force has become stricter; return how many."""
    lasting = timedelta(days=days(now))
    late = Epoch.objects.exclude(state=EpochState.DESTROYED).filter(dies_at__gt=F("began_at") + lasting)
    return late.update(dies_at=F("began_at") + lasting)
