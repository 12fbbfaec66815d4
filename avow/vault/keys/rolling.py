"""
Roll the keys: a new epoch seals every cover again, so that the key of the old one can be destroyed.

Why: erasing punctures a cover, and an old copy of that cover still opens with the epoch key that sealed it. Once no
living cover needs that key and it is destroyed, every copy ever taken is worthless, wherever it lies.

    1 a new key in every keyring folder                  killed: the next roll takes this key up; it sealed nothing
    2 one commit: current -> retiring, the new one current; the log is told
    3 covers sealed again, in batches                    killed: the next roll goes on; both keys are there
    4 one commit: retiring -> condemned                  the database refuses while any cover needs the key: back to 3
    5 a backup of the key database, read back
    6 the keys whose day has come are destroyed (`destroying`, behind its gates)

Holds:    nobody waits: sign-ups and erasures go on, and what they write under the old epoch meanwhile is sealed again
          before 4 lets go. Killed anywhere, the next call ends the same. One roll at a time. Covers keep their leaves.
Assumes:  whoever changes a cover raises its generation, so that a cover sealed here never overwrites a puncture.
Does not: run by itself: a job calls it every ten minutes, and each start; it rolls what is a day old.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections, transaction

from avow.errors import AvowError, KeyringLost
from avow.policy.promises import Promise, keeps
from avow.vault.keys import backups, buckets, destroying, epochs, lifetimes
from avow.vault.keys.models import Epoch, EpochState

PLACE = "SELECT pg_current_wal_insert_lsn()::text"


@dataclass(frozen=True)
class Rolled:
    """What a roll did, and why an epoch whose day has come still lives."""

    epoch: int | None = None  # the one that began; None: none was due
    sealed: int = 0  # covers sealed again
    backup: str | None = None  # the name of the backup that was taken
    destroyed: tuple[int, ...] = ()
    waiting: tuple[str, ...] = ()


def silent(_: str) -> None:
    """Say nothing."""


@keeps(Promise.DE_IDENTIFY)
def roll(*, now: datetime, at_once: bool = False, say: Callable[[str], Any] = silent) -> Rolled:
    """Finish what was begun, begin the next epoch when it is time, destroy what is due; or all of it at once."""
    with epochs.alone():
        if not Epoch.objects.filter(state=EpochState.CURRENT).exists():
            return Rolled()  # nothing was ever sealed
        if not at_once:
            lifetimes.refuse_a_clock_set_back(now=now)
        epochs.keyring().sweep()  # what a kill left half made; nobody else makes a key while we are alone
        lifetimes.shorten(now=now)
        sealed, epoch = finish(now=now), None
        if at_once or due(now=now):
            epoch = _begin_next(now)
            say(f"Epoch {epoch} has begun; every cover is sealed again.")
            sealed += finish(now=now)
        backup, why = _backup(now, say)
        destroyed, waiting = destroying.destroy_due(now=now, at_once=at_once)
        return Rolled(epoch, sealed, backup, tuple(destroyed), (*why, *waiting))


def due(*, now: datetime) -> bool:
    """Say whether the current epoch is a day old, or must be gone by a day that has come."""
    epoch = Epoch.objects.get(state=EpochState.CURRENT)
    return epoch.began_at <= now - lifetimes.A_DAY or lifetimes.has_come(epoch.dies_at, now=now)


def back_up(*, now: datetime) -> Path:
    """Take a backup beside the rolls'; what a killed roll left is finished first, so that its key opens all of it."""
    with epochs.alone():
        finish(now=now)
        return backups.take(now=now)


def finish(*, now: datetime) -> int:
    """Seal again what retiring epochs still seal, and condemn them; return how many covers that were."""
    sealed = 0
    for old in list(
        Epoch.objects.filter(state=EpochState.RETIRING).order_by("number").values_list("number", flat=True)
    ):
        sealed += buckets.seal_again(old, now=now)
        while not _condemn(old, now):
            sealed += buckets.seal_again(old, now=now)
    return sealed


def _begin_next(now: datetime) -> int:
    """Make the next key, then its row; a key of that number that a killed roll left sealed nothing, and is taken up."""
    old = epochs.current(now=now)
    new = 1 + max(Epoch.objects.values_list("number", flat=True))  # after a restore, later ones than `old` are dead
    ahead = [number for number in epochs.keyring().list() if number > new]
    if ahead:
        raise KeyringLost(
            f"The key database is in epoch {old} and {settings.KEYRING_FOLDER} holds the key of epoch {ahead[-1]}: the "
            "database is older than the keyring; run `avow restore`."
        )
    buckets.prove(old)  # a keyring that was not mounted, or is another installation's, stops it here
    epochs.keyring().create(new)
    with transaction.atomic(using=epochs.KEYS):
        Epoch.objects.filter(number=old).update(state=EpochState.RETIRING, retired_at=now)
        epochs.begin(new, now=now)
    return new


def _condemn(old: int, now: datetime) -> bool:
    """Let the database say whether any cover still needs this epoch; False when one slipped under it meanwhile."""
    try:
        with transaction.atomic(using=epochs.KEYS):
            with connections[epochs.KEYS].cursor() as cursor:
                cursor.execute(PLACE)
                place = cursor.fetchone()[0]
            Epoch.objects.filter(number=old, state=EpochState.RETIRING).update(
                state=EpochState.CONDEMNED, condemned_at=now, condemned_lsn=place
            )
    except IntegrityError:
        return False
    return True


def _backup(now: datetime, say: Callable[[str], Any]) -> tuple[str | None, list[str]]:
    """Take a backup where the newest lacks something; one that cannot be written holds up destruction alone."""
    try:
        if backups.covers_who_joined(epochs.current(now=now)):
            return None, []
        say("The key database is backed up and read back.")
        return backups.take(now=now).name, []
    except (AvowError, OSError) as refused:
        return None, [str(refused) if isinstance(refused, AvowError) else backups.cannot_write(refused)]
