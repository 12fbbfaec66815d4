"""
How long an epoch's key may live: the days of the policy's clause, counted from the epoch's beginning.

Why from the beginning and not from its end: an erasure in the first minute of an epoch and one in its last are told
the same day, and neither is told a day that is too early. So a backup of the key database serves R - 1 days.

Holds:    an epoch's day is set when it begins and only ever made earlier; certificates may repeat it. What must be done
          by that day is done an hour early, since the job that does it comes every ten minutes.
"""

import os
from datetime import datetime, timedelta

from django.db.models import F

from avow.errors import NotFound, Unavailable
from avow.vault import governing
from avow.vault.keys.models import Epoch, EpochState

USUAL = 7  # days, where the text names none
A_DAY = timedelta(days=1)  # how long one epoch seals new covers
EARLY = timedelta(hours=1)  # before its day a key is destroyed
SKEW = timedelta(minutes=10)  # by which the clocks of two machines may differ


def days(now: datetime) -> int:
    """Return after how many days a destroyed key is gone from every backup: the text's, or the stricter setting."""
    try:
        promised = governing.in_force(now).bound.number("key_backup_days")
    except NotFound:  # nothing is published yet
        promised = None
    chosen = os.environ.get("AVOW_KEY_BACKUP_DAYS", "")
    limits = [promised.value if promised else USUAL, *([int(chosen)] if chosen.isdigit() else [])]
    return max(1, min(limits))


def has_come(dies_at: datetime, *, now: datetime) -> bool:
    """Say whether it is time to destroy a key that must be gone by then."""
    return dies_at <= now + EARLY


def refuse_a_clock_set_back(*, now: datetime) -> None:
    """Raise when a living epoch began later than now: keys would outlive the days that people were told."""
    last = Epoch.objects.exclude(state=EpochState.DESTROYED).order_by("-began_at").first()
    if last and last.began_at > now + SKEW:
        raise Unavailable(
            f"The clock says {now:%Y-%m-%d %H:%M}, and epoch {last.number} began at {last.began_at:%Y-%m-%d %H:%M}: "
            "set the clock right; if it is right and was ahead then, run `avow keys roll --now`."
        )


def day_of(began: datetime, *, now: datetime) -> datetime:
    """Return by when the key of an epoch that began at this time must be destroyed."""
    return began + timedelta(days=days(now))


def shorten(*, now: datetime) -> int:
    """Bring the days of living epochs forward where the text in force has become stricter; return how many."""
    lasting = timedelta(days=days(now))
    late = Epoch.objects.exclude(state=EpochState.DESTROYED).filter(dies_at__gt=F("began_at") + lasting)
    return late.update(dies_at=F("began_at") + lasting)
