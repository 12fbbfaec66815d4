"""
Which epoch's key seals new covers, and where that key is.

Why no cache of keys: whatever a process remembers it would have to forget in time. The key is
read from the keyring for each act that needs it (a file: some microseconds), so an epoch that is
destroyed is destroyed for every process at once. A keyring that is slow to ask caches for itself.

Holds:    the first use makes epoch 1, once, however many processes start together; a crash between
          key and row is mended by the next use. A keyring that does not fit the database is
          refused: no key is ever made to replace a lost one.
Does not: roll (`rolling`) or destroy (`destroying`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connections, transaction

from avow.errors import KeyringLost
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.keyring.copies import CopiedKeyring
from avow.policy.promises import Promise
from avow.vault.keys import installations, lifetimes
from avow.vault.keys.models import Epoch, EpochState

KEYS = "avow_keys"
FIRST = 1
HELD = "SELECT number FROM vault_keys_epoch WHERE state = 'current' FOR KEY SHARE"
ONE_AT_A_TIME = 0x61766F77_65706F63  # advisory lock of this database: "avowepoc"


def keyring() -> CopiedKeyring:
    """Return the keyring of this installation."""
    return CopiedKeyring(settings.KEYRING_FOLDER, settings.KEYRING_COPIES)


def current(*, now: datetime) -> int:
    """Return the number of the epoch that wraps new covers, beginning the first when there is none."""
    return _current() or _begin(now)


def held(*, now: datetime) -> int:
    """Return the current epoch and keep it from being let go until the caller's transaction ends.

    Who is held up between reading a number and writing a cover under it would else come when the epoch is gone.
    """
    with connections[KEYS].cursor() as cursor:
        while True:  # a roll that came by while we waited leaves nothing to hold: look for the next epoch
            current(now=now)
            cursor.execute(HELD)
            if found := cursor.fetchone():
                return int(found[0])


def begin(number: int, *, now: datetime) -> None:
    """Write down, inside the caller's transaction, that the epoch of this number begins; its key is there already."""
    Epoch.objects.create(
        number=number, state=EpochState.CURRENT, began_at=now, dies_at=lifetimes.day_of(now, now=now),
        installation=installations.ours(),
    )  # fmt: skip
    outbox.record(entry(Act.EPOCH_OPENED, number, now), using=KEYS)


def entry(act: Act, number: int, now: datetime) -> Entry:
    """Return what the log is told of an epoch."""
    return Entry(act=act, at=now, promise=Promise.DE_IDENTIFY, evidence=named(number))


def named(number: int) -> bytes:
    """Return how the log names an epoch; anybody can try all numbers, and may: an epoch is no person's."""
    return hashlib.sha256(b"avow/epoch" + number.to_bytes(8, "big")).digest()


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else begin, roll or destroy meanwhile; the lock is the connection's, and goes with it in a crash."""
    with connections[KEYS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
    try:
        yield
    finally:
        with connections[KEYS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def _current() -> int | None:
    return Epoch.objects.filter(state=EpochState.CURRENT).values_list("number", flat=True).first()


def _begin(now: datetime) -> int:
    """Make the first key, then its row: a crash between leaves a key that the next call takes up."""
    with transaction.atomic(using=KEYS):
        with connections[KEYS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if number := _current():
            return number
        if keyring().list() not in ([], [FIRST]):
            raise KeyringLost(
                f"The key database is empty and {settings.KEYRING_FOLDER} holds keys of later epochs; "
                "run `avow restore` to bring back its newest backup, or begin a new home."
            )
        keyring().create(FIRST)
        begin(FIRST, now=now)
    return FIRST
