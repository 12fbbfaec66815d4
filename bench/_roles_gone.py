"""
What GDPRbench does not ask: after a deletion was acknowledged, from where can the data still be read, and for how long?

Somebody with the whole machine looks for the deleted records' own bytes in the table's file, in the write-ahead log and
in a copy of the file from before ("yesterday's backup"), and tries to open what they find with every key that is
alive. For Avow they also remember the person's slot, and hold yesterday's cover of the key database and the keyring as
it is now.

Holds:    the search must find every piece before the deletion, and a neighbour's must open after it: else there is
          no figure.
"""

import os
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from avow.errors import AvowError
from avow.vault import persons, sealing, tree
from avow.vault.keys import buckets
from avow.vault.keys.models import Bucket, PersonSlot
from bench._roles_acts import Keeper
from bench._roles_avow import NOW, Admin, Avow, label
from bench._roles_plain import Plain

ROLLING = "avow.vault.keys.rolling"
SOME = 20  # records that are looked for, of the one person about whom most is kept
Pieces = Mapping[UUID, bytes]  # a record's key and its data as they lie in the row
Opens = Callable[[UUID, bytes], str]


def gone(keepers: list[Keeper], admin: Admin) -> dict[str, Any]:
    """Delete the same person from each system and look for what was deleted."""
    found = {}
    for keeper in sorted(keepers, key=lambda one: one.name):
        column = "sealed" if isinstance(keeper, Avow) else "data"
        with admin("avow") as server:
            if isinstance(keeper, Plain):
                found[keeper.name] = of_plain(keeper, server, column)
            elif isinstance(keeper, Avow):
                found[keeper.name] = of_avow(keeper, server, column)
    return found


def of_plain(keeper: Plain, server: psycopg.Connection, column: str) -> dict[str, Any]:
    """Look behind a deletion in plain PostgreSQL; what lies there opens with the company's one key, or without any."""
    person, _ = people(server, keeper.table)
    pieces, right = pieces_of(server, keeper.table, column, person), keeper.read_by_person(person)
    assert lie_in(heap(server, keeper.table), pieces) == len(pieces)
    keeper.delete_by_person(person)
    opens = sum(opened(keeper.open_piece, key, piece) == right[key] for key, piece in pieces.items())
    return places(server, keeper.table, pieces) | {
        "opened by what is alive": opens,
        "ms until none of the live copies opens": None,
        "opened with yesterday's keys": opens,
        "until yesterday's backup opens nothing": "never by itself",
    }


def of_avow(keeper: Avow, server: psycopg.Connection, column: str) -> dict[str, Any]:
    """Look behind a deletion in Avow, with yesterday's cover in hand."""
    person, neighbour = people(server, keeper.table)
    pieces, right = pieces_of(server, keeper.table, column, person), keeper.read_by_person(person)
    kinds = kinds_of(server, keeper.table, person)
    slot = PersonSlot.objects.get(person=person).slot
    yesterday = Bucket.objects.get(bucket_id=slot >> tree.DEPTH)
    assert lie_in(heap(server, keeper.table), pieces) == len(pieces)

    def by_cover(bucket: Bucket, key: UUID, piece: bytes) -> str:
        """Open a piece with the leaf that a cover gives for the slot, which somebody remembered."""
        cover = buckets.cover_of(bucket.bucket_id, bucket.epoch_id, bucket.generation, bytes(bucket.cover))
        leaf = tree.leaf(cover, slot & (tree.LEAVES - 1))
        assert leaf is not None
        return sealing.unseal_with(persons.key_from(person, leaf), person, kinds[key], piece).decode()

    def alive(key: UUID, piece: bytes) -> str:
        return by_cover(Bucket.objects.get(bucket_id=yesterday.bucket_id), key, piece)

    def by_backup(key: UUID, piece: bytes) -> str:
        return by_cover(yesterday, key, piece)

    def count(opens: Opens) -> int:
        return sum(opened(opens, key, piece) == right[key] for key, piece in pieces.items())

    assert count(alive) == count(by_backup) == len(pieces)
    keeper.delete_by_person(person)
    living = count(alive)
    before = count(by_backup)
    rolled = roll()
    after = count(by_backup)
    assert keeper.read_by_person(neighbour)
    return places(server, keeper.table, pieces) | {
        "opened by what is alive": living,
        "ms until none of the live copies opens": None if living else 0,  # none opened at the first try
        "opened with yesterday's keys": before,
        "until yesterday's backup opens nothing": until(after, rolled),
        **({"opened with yesterday's keys after a roll": after, "seconds of a roll": rolled} if rolled else {}),
    }


def roll() -> float | None:
    """Roll the keys at once and return the seconds; None where this commit has no roll."""
    if find_spec(ROLLING) is None:
        return None
    began = time.perf_counter()
    import_module(ROLLING).roll(now=NOW + timedelta(minutes=1), at_once=True)
    return round(time.perf_counter() - began, 2)


def until(after: int, rolled: float | None) -> str:
    """Say in words how long yesterday's key backup opens what was deleted."""
    if rolled is None:
        return "until the epoch's key is destroyed; this commit has no roll"
    return "the next roll of the keys" if after == 0 else "longer than a roll"


def people(server: psycopg.Connection, table: str) -> tuple[UUID, UUID]:
    """Return whom most is kept about, and a neighbour."""
    asked = f"SELECT person FROM {table} GROUP BY person ORDER BY count(*) DESC, person LIMIT 2"  # noqa: S608
    (first,), (second,) = server.execute(asked).fetchall()
    return first, second


def pieces_of(server: psycopg.Connection, table: str, column: str, person: UUID) -> Pieces:
    """Return the data of some of a person's records as they lie in their rows."""
    asked = f"SELECT key, {column} FROM {table} WHERE person = %s ORDER BY key LIMIT {SOME}"  # noqa: S608
    rows = server.execute(asked, [person])
    return {key: data.encode() if isinstance(data, str) else bytes(data) for key, data in rows}


def kinds_of(server: psycopg.Connection, table: str, person: UUID) -> Mapping[UUID, str]:
    """Return under which name each of a person's records was sealed."""
    rows = server.execute(f"SELECT key, kind FROM {table} WHERE person = %s", [person])  # noqa: S608
    return {key: label(kind) for key, kind in rows}


def places(server: psycopg.Connection, table: str, pieces: Pieces) -> dict[str, int]:
    """Count in which files the pieces still lie."""
    here = {
        "deleted records that were looked for": len(pieces),
        "lie in the table's file": lie_in(heap(server, table), pieces),
    }
    folder = Path(os.environ["AVOW_HOME"]) / "pg" / "data" / "pg_wal"
    logs = b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())
    server.execute(f"VACUUM {table}")
    return here | {
        "lie there after a vacuum": lie_in(heap(server, table), pieces),
        "lie in the write-ahead log": lie_in(logs, pieces),
        "lie in yesterday's backup": len(pieces),  # it was searched before the deletion
    }


def heap(server: psycopg.Connection, table: str) -> bytes:
    """Return the bytes of a table's file, as a backup would take it."""
    server.execute("CHECKPOINT")
    path = server.execute("SELECT pg_relation_filepath(%s::text::regclass)", [table]).fetchone()[0]  # type: ignore[index]
    first = Path(os.environ["AVOW_HOME"]) / "pg" / "data" / path
    return b"".join(file.read_bytes() for file in [first, *sorted(first.parent.glob(f"{first.name}.*"))])


def lie_in(content: bytes, pieces: Pieces) -> int:
    """Count the pieces that are somewhere in these bytes."""
    return sum(piece in content for piece in pieces.values())


def opened(opens: Opens, key: UUID, piece: bytes) -> str | None:
    """Return what a piece says, or None when it does not open."""
    try:
        return opens(key, piece)
    except (AvowError, AssertionError):
        return None
