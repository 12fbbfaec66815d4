"""
Load a backup of the key database in place of what the key database holds.

Why in one transaction, after reading what is there: a backup that turns out damaged half way leaves everything as it
was, and what the present key database knows of destroyed slots is carried over, so that an old backup undoes nothing.

Holds:    tables, columns and rows come from the backup alone, whose chunks open only whole and in order. The sequence
          of slots never goes back. Refused, with the one to use instead: a backup whose epoch's key is destroyed.
Assumes:  nobody else writes (`avow restore` takes the home's lock). What came after it is mended by `restoring`.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.db import connections, transaction
from psycopg import sql

from avow.errors import BadInput, KeyringLost, NotFound
from avow.vault.keys import backups, epochs, slots
from avow.vault.keys.backups import Header
from avow.vault.keys.models import Puncture
from avow.vault.keys.seen import Gone, gone_of

COVERS = "vault_keys_bucket"
LAST = ("vault_keys_epoch",)  # emptied last and filled first: covers point at epochs
COLUMNS = "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
IDS = "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT coalesce(max(id), 0) + 1 FROM {}), false)"
# A place in another server's log says nothing here; whoever follows this one must have seen the load.
HERE = "UPDATE vault_keys_epoch SET condemned_lsn = pg_current_wal_insert_lsn()::text WHERE state = 'condemned'"
ROWS = 1_000  # lines that are sent at once


def chosen(path: Path | None) -> tuple[Path, Header]:
    """Return the backup to load: the one that was named, or the newest that opens; refuse one past its day."""
    if path is None:
        usable = backups.usable()
        if not usable:
            raise NotFound(f"No key backup in {backups.folder()} opens with a key of this keyring; name one elsewhere.")
        return usable[0]
    if not path.is_file():
        raise BadInput(f"{path} is no file; name a key backup, such as those in {backups.folder()}.")
    header = backups.header_of(path)
    if header.installation != backups.installation():
        raise BadInput(f"{path} is a backup of another installation; name one that this installation took.")
    if header.epoch not in epochs.keyring().list():
        raise KeyringLost(past_its_day(path, header))
    return path, header


def load(path: Path) -> list[Gone]:
    """Put the backup in place of what is there; return the slots that what was there called destroyed."""
    header = backups.header_of(path)
    with transaction.atomic(using=epochs.KEYS), connections[epochs.KEYS].cursor() as cursor:
        carried = [gone_of(row) for row in Puncture.objects.order_by("slot")]
        names = backups.tables()
        for name in sorted(names, key=lambda name: name in LAST):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for table, columns, lines in _tables(_lines(backups.opened(path))):
            _must_be_known(path, table, columns, names)
            named = sql.SQL(", ").join(map(sql.Identifier, columns))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), named)) as copy:
                for piece in _pieces(lines):
                    copy.write(piece)
            if "id" in columns:
                cursor.execute(sql.SQL(IDS).format(sql.Identifier(table)), [table])
        slots.go_past(header.slots)
        cursor.execute(HERE)
    return carried


def buckets_in(path: Path) -> set[int]:
    """Return the buckets whose covers a backup holds; it is read to its end."""
    found = set[int]()
    for table, columns, lines in _tables(_lines(backups.opened(path))):
        cells = (line.split(b"\t") for line in lines)
        numbers = [row[columns.index("bucket_id")] for row in cells if table == COVERS]
        found.update(map(int, numbers))
    return found


def past_its_day(path: Path, header: Header) -> str:
    """Say that a backup opens nothing any more, and which one does."""
    taken = datetime.fromisoformat(header.taken_at)
    usable = backups.usable()
    instead = (
        f"use {usable[0][0].name}, of {datetime.fromisoformat(usable[0][1].taken_at):%d %B %Y %H:%M} UTC"
        if usable
        else f"no backup in {backups.folder()} opens, so put back a newer one, or the keyring"
    )
    return (
        f"The key backup of {taken:%d %B %Y %H:%M} UTC ({path.name}) is past its day: its key is destroyed; {instead}."
    )


def _must_be_known(path: Path, table: str, columns: list[str], names: set[str]) -> None:
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        there = {name for (name,) in cursor.fetchall()}
    if table not in names or not set(columns) <= there:
        raise BadInput(f"{path} was written by a newer Avow than this one; load it with that one.")


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into lines; COPY writes a line break inside a value as two letters."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        raise BadInput("The backup ends in the middle of a row; use another one.")


def _tables(lines: Iterator[bytes]) -> Iterator[tuple[str, list[str], Iterator[bytes]]]:
    """Yield each table with its columns and its rows; the rows are to be read before the next table is asked for."""
    for line in lines:
        said = json.loads(line)
        yield said["table"], said["columns"], _rows(lines)


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == backups.END:
            return
        yield line
    raise BadInput("The backup ends in the middle of a table; use another one.")


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Join rows, so that a million of them are not a million messages."""
    kept: list[bytes] = []
    for line in lines:
        kept.append(line)
        if len(kept) == ROWS:
            yield b"".join(kept)
            kept = []
    yield b"".join(kept)
