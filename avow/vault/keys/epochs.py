"""
Which epoch's key seals new covers, and where that key is.

Why no cache of keys: whatever a process remembers it would have to forget in time. The key is
read from the keyring for each act that needs it (a file: some microseconds), so an epoch that is
destroyed is destroyed for every process at once. A keyring that is slow to ask caches for itself.

Holds:    the first use makes epoch 1, once, however many processes start together; a crash between
          key and row is mended by the next use. A keyring that does not fit the database is
          refused: no key is ever made to replace a lost one.
Does not: roll (issue 4).
"""

from datetime import datetime

from django.conf import settings
from django.db import connections, transaction

from avow.errors import KeyringLost
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.keyring.file import FileKeyring
from avow.keyring.port import Keyring
from avow.vault.keys.models import Epoch, EpochState

KEYS = "avow_keys"
FIRST = 1
ONE_AT_A_TIME = 0x61766F77_65706F63  # advisory lock of this database: "avowepoc"


def keyring() -> Keyring:
    """Return the keyring of this installation."""
    return FileKeyring(settings.KEYRING_FOLDER)


def current(*, now: datetime) -> int:
    """Return the number of the epoch that wraps new covers, beginning the first when there is none."""
    return _current() or _begin(now)


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
                "restore the newest backup of the key database, or begin a new home."
            )
        keyring().create(FIRST)
        Epoch.objects.create(number=FIRST, state=EpochState.CURRENT, began_at=now)
        outbox.record(Entry(act=Act.EPOCH_OPENED, at=now), using=KEYS)
    return FIRST
