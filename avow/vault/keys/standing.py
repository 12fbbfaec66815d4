"""
How the epochs stand: what `avow keys status`, the doctor and the live check read.

Holds:    it changes nothing and opens nothing but the headers of backups.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connections

from avow.vault.keys import backups, destroying, epochs, lifetimes
from avow.vault.keys.models import Epoch, EpochState

COVERS = "SELECT epoch_id, count(*) FROM vault_keys_bucket GROUP BY 1"
GRACE = timedelta(hours=1)  # past an epoch's end, in which the job must have come by six times; keys die before theirs


@dataclass(frozen=True)
class EpochLine:
    """One epoch as people read it."""

    number: int
    state: EpochState
    began_at: datetime
    dies_at: datetime
    destroyed_at: datetime | None
    covers: int
    waiting: tuple[str, ...]  # why its key still lives, where its day has come


def lines(*, now: datetime) -> list[EpochLine]:
    """Return every epoch, the newest first."""
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(COVERS)
        covers = dict(cursor.fetchall())
    return [
        EpochLine(
            row.number, EpochState(row.state), row.began_at, row.dies_at, row.destroyed_at, covers.get(row.number, 0),
            tuple(destroying.in_the_way(row)) if _is_due(row, now) else (),
        )
        for row in Epoch.objects.order_by("-number")
    ]  # fmt: skip


def late(*, now: datetime) -> list[str]:
    """Return what is past its time, one sentence each: an epoch that should have ended, a key that should be gone."""
    found = [
        f"Epoch {row.number} should have ended by {row.began_at + lifetimes.A_DAY:%d %B %H:%M}, and no roll came."
        for row in Epoch.objects.filter(state=EpochState.CURRENT, began_at__lt=now - lifetimes.A_DAY - GRACE)
    ]
    overdue = Epoch.objects.exclude(state=EpochState.DESTROYED).filter(dies_at__lt=now).order_by("number")
    found += [
        f"The key of epoch {row.number} should be destroyed since {row.dies_at:%d %B %H:%M}, and is not."
        for row in overdue
    ]
    dead = Epoch.objects.filter(state=EpochState.DESTROYED, number__in=epochs.keyring().list())
    return found + [f"The destroyed key of epoch {row.number} lies in the keyring again." for row in dead]


def newest_backup() -> Path | None:
    """Return the newest backup of this installation whose header can be read."""
    return next((path for path, _ in backups.ours()), None)


def _is_due(row: Epoch, now: datetime) -> bool:
    return row.state == EpochState.CONDEMNED and lifetimes.has_come(row.dies_at, now=now)
