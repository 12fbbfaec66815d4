"""
Run one statement where every page waits for it: prepared by the server, values and rows in binary.

Why beside Django's cursor: that one writes the values into the statement's text, so PostgreSQL parses and plans it
anew each time, which takes longer than these look-ups themselves; and it returns bytes by way of hexadecimal.

Why people as bytes: work in bulk names a hundred thousand of them, and to make, hash and compare as many UUIDs
takes longer than to open what is theirs. So many people go to the database as one value (`Whom`), come back as the
16 bytes of each (uuid_send), and are bytes in between.

Holds:    it takes part in whatever transaction Django has open on that connection, and errors are Django's. What
          `write` sends passes Django's wrappers, through which the tests that kill a process between two statements
          look.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

AVOW = "default"
PERSON = 16  # bytes
UUID_TYPE = types["uuid"]
ONE_AFTER_THE_OTHER = struct.Struct(">iiIii")  # an array on the wire: dimensions, nulls, type, length, first index
EACH = struct.pack(">i", PERSON)


class Whom(bytes):
    """People, as the concatenation of their 16 bytes: one value of the type uuid[]."""

    @classmethod
    def of(cls, people: Iterable[bytes]) -> "Whom":
        """Return these people as one value."""
        return cls(b"".join(people))


class WhomDumper(Dumper):
    """Writes people as PostgreSQL reads an array."""

    format = Format.BINARY
    oid = UUID_TYPE.array_oid

    def dump(self, whom: Whom) -> bytes:
        """Return the array's head and its members, each with its length."""
        head = ONE_AFTER_THE_OTHER.pack(1, 0, UUID_TYPE.oid, len(whom) // PERSON, 1)
        return head + b"".join(EACH + person for person in each(whom))


def each(people: bytes) -> Iterator[bytes]:
    """Return the 16 bytes of every person in a concatenation."""
    return (people[at : at + PERSON] for at in range(0, len(people), PERSON))


class Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor of which every statement is prepared, also where Django's wrappers call it without saying so."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> "Prepared":
        """Run a statement."""
        return super().execute(query, params, prepare=True, binary=True)


def rows(
    alias: str, statement: str, values: Sequence[Any] | Mapping[str, Any], *, prepared: bool = True
) -> list[tuple[Any, ...]]:
    """Return what a statement finds; `prepared=False` for one whose plan depends on how much is asked."""
    connection = connections[alias]
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.adapters.register_dumper(Whom, WhomDumper)
        return cursor.execute(statement, values, prepare=prepared, binary=True).fetchall()


def write(alias: str, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Run a prepared statement that writes, and return its one row, or None when it has none."""
    connection = connections[alias]
    connection.ensure_connection()
    with CursorWrapper(Prepared(connection.connection), connection) as cursor:
        cursor.execute(statement, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
