"""
Destroy the key of an epoch: the one door, and the end of every old copy of the covers that it sealed.

Why gates before it: nothing that must live may hang on the key. The database has refused already while a cover needs
it (`condemn` in `rolling`); here a key backup of a later epoch must read back, and every standby must have replayed.

    every keyring folder    overwrite, flush, remove           a crash here leaves some folders; the next try ends it
    avow_keys, one commit   destroyed, and epoch.destroyed in the log

Holds:    repeating it changes nothing. A destroyed key that comes back (a disk that was away, a restored folder) is
          destroyed again and the log is told again. An epoch past its day that a gate holds up is named, each time.
Does not: promise anything about flash, snapshots or copies of the keys folder (`avow doctor` says so).
"""

from datetime import datetime

from django.db import transaction

from avow.errors import AvowError
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault.keys import backups, epochs, lifetimes, standbys
from avow.vault.keys.models import Epoch, EpochState

NO_BACKUP = (
    "No backup of the key database from a later epoch reads back; make room for one, remove what is damaged, then roll "
    "again."
)


@keeps(Promise.DE_IDENTIFY)
def destroy_due(*, now: datetime, at_once: bool = False) -> tuple[list[int], list[str]]:
    """Destroy each condemned epoch whose day has come (or all); return which, and what stands in the way of others."""
    destroyed, waiting = list[int](), list[str]()
    try:
        destroyed += returned(now=now)
    except (AvowError, OSError) as refused:
        waiting.append(str(refused))
    for epoch in Epoch.objects.filter(state=EpochState.CONDEMNED).order_by("number"):
        if not (at_once or lifetimes.has_come(epoch.dies_at, now=now)):
            continue
        try:
            if why := in_the_way(epoch):
                waiting += why
                break
            _destroy(epoch.number, now)
        except (AvowError, OSError) as refused:
            waiting.append(str(refused))
            break  # never a later one before it: what is told of copies rests on the order
        destroyed.append(epoch.number)
    waiting += _prune()
    return destroyed, list(dict.fromkeys(waiting))


def _prune() -> list[str]:
    """Remove backups that open nothing any more; that it could not be done is no reason to stop."""
    try:
        backups.prune()
    except OSError as refused:
        return [backups.cannot_write(refused)]
    return []


def in_the_way(epoch: Epoch) -> list[str]:
    """Return why the key of a condemned epoch must still live."""
    if not backups.reads_back(later_than=epoch.number):
        return [NO_BACKUP]
    return standbys.behind(epoch.condemned_lsn)


def returned(*, now: datetime) -> list[int]:
    """Destroy again what came back of destroyed epochs, telling the log; return which."""
    there = epochs.keyring().list()
    back = Epoch.objects.filter(number__in=there, state=EpochState.DESTROYED).order_by("number")
    numbers = list(back.values_list("number", flat=True))
    for number in numbers:
        epochs.keyring().destroy(number)
        outbox.record(epochs.entry(Act.EPOCH_DESTROYED, number, now), using=epochs.KEYS)
    return numbers


def _destroy(number: int, now: datetime) -> None:
    """Destroy the key in every folder, then say so; a crash between the two finds no file and says it the next time."""
    epochs.keyring().destroy(number)
    with transaction.atomic(using=epochs.KEYS):
        moved = Epoch.objects.filter(number=number, state=EpochState.CONDEMNED)
        if moved.update(state=EpochState.DESTROYED, destroyed_at=now):
            outbox.record(epochs.entry(Act.EPOCH_DESTROYED, number, now), using=epochs.KEYS)
