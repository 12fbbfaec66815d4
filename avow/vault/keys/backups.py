"""
Backups of the key database: one sealed file after each roll, which dies with the epoch under which it was taken.

    keys-000012-20261130T030000Z.avowkeys
    ├── magic and header, in clear    epoch, time, slots given, size of the log, which installation
    └── chunks of 1 MiB, sealed       every declared table of avow_keys as COPY writes it, deflated

Why sealed whole and not only the covers: the blind index and the slots then die with the epoch as well, so an old
backup says nothing at all. Why with the roll: a backup taken under the old epoch is worthless a week later, and no
epoch's key may be destroyed before a later backup reads back (`destroying`).

Holds:    a file is whole or absent, 0600, and was read back before it is relied on. One snapshot of the database.
          A chunk that was cut off, swapped or taken from another file does not open. Files of destroyed epochs go.
Assumes:  the folder survives what the database does not: AVOW_KEY_BACKUPS names one on another disk.
Does not: hold the epoch's key. Whoever has a backup and the keyring has everybody; keep the two apart.
"""

import json
import os
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connections, transaction
from psycopg import sql

from avow.errors import AvowError, BadInput, DoesNotOpen, KeyringLost, Unavailable
from avow.evidence.models import Checkpoint
from avow.keyring.file import sync_folder
from avow.vault import catalogue, crypto, tree
from avow.vault.catalogue import Database
from avow.vault.keys import buckets, epochs, installations
from avow.vault.keys.models import Epoch, EpochState

MAGIC = b"avow.key-backup/1\n"
NAME = re.compile(r"keys-(\d{6,})-\d{8}T\d{6}Z\.avowkeys")
BEGINNING = 2  # epochs: the second begins before the first backup is taken
KEPT = 2  # backups of one epoch
CHUNK = 1 << 20  # bytes before sealing
LENGTH = 4  # bytes before each sealed chunk
HEADER_MOST = 10_000  # bytes
LAST, MORE = b"\x01", b"\x00"
COLUMNS = """
    SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position)
      FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name = ANY(%s)
     GROUP BY c.table_name ORDER BY c.table_name <> 'vault_keys_epoch', c.table_name  -- covers point at epochs
"""
END = b"\\.\n"  # how COPY ends in text


@dataclass(frozen=True)
class Header:
    """What a backup says of itself in clear; it is bound into every chunk."""

    epoch: int
    taken_at: str  # UTC, ISO 8601
    slots: int  # the last slot that was given; 0 where none was
    log_size: int  # of the newest signed checkpoint
    installation: str
    salt: str  # hex


def folder() -> Path:
    """Return the folder of key backups."""
    return Path(settings.KEY_BACKUPS_FOLDER)


def made() -> Path:
    """Return the folder of key backups, made where none was ever used: made later, it would lie on the wrong disk."""
    place = folder()
    if not place.is_dir():
        if Epoch.objects.filter(number__gt=BEGINNING).exists():
            raise Unavailable(
                f"{place} is not there, though key backups were written before; mount that disk, or make the folder if "
                "it is a new one."
            )
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def take(*, now: datetime) -> Path:
    """Write a backup under the current epoch, read it back, and return where it lies."""
    header, place = _header(now), made()
    path = place / f"keys-{header.epoch:06d}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.avowkeys"
    fresh = place / f".{path.name}.{os.getpid()}.tmp"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(file, header)
            file.flush()
            os.fsync(file.fileno())
        check(fresh)
        fresh.rename(path)  # killed before: a .tmp that `prune` removes
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(place)
    return path


def every() -> list[Path]:
    """Return the backups of this folder, the newest epoch first."""
    try:
        there = list(folder().iterdir())
    except OSError:  # none was ever taken, or nobody may look: whoever needs one says so
        return []
    found = [(int(match[1]), path.name, path) for path in there if (match := NAME.fullmatch(path.name))]
    return [path for *_, path in sorted(found, reverse=True)]


def ours() -> list[tuple[Path, Header]]:
    """Return the backups of this installation with what they say of themselves, the newest first."""
    found = []
    for path in every():
        try:
            found.append((path, header_of(path)))
        except (AvowError, OSError):
            continue
    own = [(path, header) for path, header in found if header.installation == installation()]
    return sorted(own, key=lambda known: (known[1].epoch, known[1].taken_at), reverse=True)


def usable() -> list[tuple[Path, Header]]:
    """Return the backups of this installation whose epoch's key is in the keyring, the newest first."""
    there = set(epochs.keyring().list())
    return [(path, header) for path, header in ours() if header.epoch in there]


def reads_back(*, later_than: int) -> bool:
    """Say whether a backup of this installation from a later epoch than this one opens to its end."""
    return any(header.epoch > later_than and _opens(path) for path, header in ours())


def covers_who_joined(epoch: int) -> bool:
    """Say whether a backup of this epoch lies here that has the covers of whoever joined since, and some ahead."""
    last = _last_slot() - (buckets.AHEAD - 2) * tree.LEAVES
    return any(header.epoch == epoch and header.slots >= last for _, header in ours())


def prune() -> int:
    """Remove what can no longer open anything: backups of destroyed epochs, and what a kill left half written."""
    dead = set(Epoch.objects.filter(state=EpochState.DESTROYED).values_list("number", flat=True))
    known = ours()
    gone = [path for path, header in known if header.epoch in dead]
    for epoch in {header.epoch for _, header in known} - dead:  # on a busy day there are many: the newest are enough
        gone += [path for path, header in known if header.epoch == epoch][KEPT:]
    gone += list(folder().glob(".keys-*.tmp")) if folder().is_dir() else []
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def header_of(path: Path) -> Header:
    """Read what a backup says of itself."""
    with path.open("rb") as file:
        return _read_header(file)[0]


def check(path: Path) -> Header:
    """Open every chunk of a backup and return its header; raises BadInput or KeyringLost."""
    for _ in opened(path):
        pass
    return header_of(path)


def opened(path: Path, *, key: bytes | None = None) -> Iterator[bytes]:
    """Yield the clear content of a backup, piece by piece; with the keyring's key of its epoch, or a given one."""
    with path.open("rb") as file:
        header, said = _read_header(file)
        if header.installation != installation():
            raise BadInput(f"{path} is a backup of another installation; name one that this installation took.")
        own = _key(key or _load(path, header.epoch), header)
        inflate, number, last = zlib.decompressobj(), 0, MORE
        while last == MORE:
            last = file.read(1)
            sealed = file.read(int.from_bytes(file.read(LENGTH), "big"))
            yield inflate.decompress(_unsealed(path, own, sealed, _bound(said, number, last)))
            number += 1
        if file.read(1):
            raise BadInput(f"{path} goes on behind its end; use another backup.")


def installation() -> str:
    """Return what tells this installation's backups from others'."""
    return installations.ours()


def cannot_write(refused: OSError) -> str:
    """Say that no backup could be written, and what to do."""
    return f"No key backup can be written to {folder()} ({refused.strerror}); mend that folder or set AVOW_KEY_BACKUPS."


def _header(now: datetime) -> Header:
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    return Header(
        epochs.current(now=now), now.astimezone(UTC).isoformat(), _last_slot(), newest or 0, installation(),
        secrets.token_hex(16),
    )  # fmt: skip


def _write(file: IO[bytes], header: Header) -> None:
    said = json.dumps(asdict(header), sort_keys=True).encode()
    key = _key(epochs.keyring().load(header.epoch), header)
    file.write(MAGIC + said + b"\n")
    number, waiting = 0, None
    for piece in _chunks(_deflated(_chunks(_tables()))):
        if waiting is not None:
            file.write(_framed(key, waiting, _bound(said, number - 1, MORE), MORE))
        waiting, number = piece, number + 1
    file.write(_framed(key, waiting or b"", _bound(said, max(number - 1, 0), LAST), LAST))


def _last_slot() -> int:
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM vault_slot")
        return int(cursor.fetchone()[0])


def _framed(key: bytes, piece: bytes, bound: bytes, last: bytes) -> bytes:
    sealed = crypto.seal(key, piece, bound)
    return last + len(sealed).to_bytes(LENGTH, "big") + sealed


def tables() -> set[str]:
    """Name what a backup holds: every declared table but the list of migrations, which is true of the tables alone."""
    declared = {table.name for table in catalogue.tables() if table.database is Database.KEYS}
    return declared - {"django_migrations"}


def _tables() -> Iterator[bytes]:
    """Yield every table of one snapshot: a line that names it and its columns, its rows, an end."""
    with transaction.atomic(using=epochs.KEYS), connections[epochs.KEYS].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(COLUMNS, [sorted(tables())])
        for table, columns in cursor.fetchall():
            yield json.dumps({"table": table, "columns": columns}).encode() + b"\n"
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), names)
            with cursor.copy(statement) as rows:
                yield from (bytes(row) for row in rows)
            yield END


def _deflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    deflate = zlib.compressobj(1)
    for piece in pieces:
        yield deflate.compress(piece)
    yield deflate.flush()


def _chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of one size, so a million rows are some dozen calls; the last may be short."""
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= CHUNK:
            yield bytes(kept[:CHUNK])
            del kept[:CHUNK]
    if kept:
        yield bytes(kept)


def _read_header(file: IO[bytes]) -> tuple[Header, bytes]:
    wrong = BadInput(f"{file.name} is no key backup of Avow, or its beginning is damaged; use another one.")
    if file.readline(len(MAGIC)) != MAGIC:
        raise wrong
    said = file.readline(HEADER_MOST).rstrip(b"\n")
    try:
        fields: dict[str, Any] = json.loads(said)
        return Header(**fields), said
    except (ValueError, TypeError):
        raise wrong from None


def _load(path: Path, epoch: int) -> bytes:
    try:
        return epochs.keyring().load(epoch)
    except KeyringLost as lost:
        if Epoch.objects.filter(number=epoch, state=EpochState.DESTROYED).exists():
            raise KeyringLost(
                f"{path.name} opens nothing any more: the key of its epoch {epoch} was destroyed; use a later backup."
            ) from lost
        raise


def _unsealed(path: Path, key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return crypto.unseal(key, sealed, bound)
    except DoesNotOpen:
        raise BadInput(
            f"{path} does not open to its end: it was cut off or changed, or its epoch's key is not in this keyring; "
            "use another backup."
        ) from None


def _opens(path: Path) -> bool:
    try:
        check(path)
    except (AvowError, OSError):
        return False
    return True


def _key(epoch_key: bytes, header: Header) -> bytes:
    return crypto.derive(epoch_key, "avow/key-backup/v1", bytes.fromhex(header.salt))


def _bound(said: bytes, number: int, last: bytes) -> bytes:
    return crypto.bind("avow/key-backup/v1", said, number.to_bytes(8, "big"), last)
