"""
The systems that Avow is compared with in `bench.roles`: PostgreSQL as a good engineer would use it for the same acts.

    A  one table, the metadata in columns beside the data, a primary key
    B  A with an index on each column of metadata
    C  B with the data sealed (AES-256-GCM, one key of the company's, bound to the record's key) and a ledger: each act
       of reading or changing leaves a row in the transaction in which it happens

Why each act is one statement: this is the least that the database lets anyone do, one round trip and one commit. The
ledger's row of C is written by the same statement. Statements are prepared and rows come in binary.

Holds:    the three differ in nothing else.
Does not: keep a log in A and B: they have no answer to what was changed, and the acts that need one are left out.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from bench._roles_acts import LOGGED
from bench._roles_records import Record, World

COLUMNS = "key, person, purpose, expires, objects_to, automated, shared_with, readers, origin, category"
METADATA = "purpose, expires, objects_to, automated, shared_with, readers, origin, category"
INDEXED = ("person", "purpose", "expires", "objects_to", "automated", "shared_with", "readers", "origin", "category")
NONCE = 12  # bytes
DURABLE = "each commit is on disk"
TABLES = """
    DROP TABLE IF EXISTS {record}, {changes}, {readings};
    CREATE TABLE {record} (
        key uuid PRIMARY KEY, person uuid NOT NULL, purpose smallint NOT NULL, expires date NOT NULL,
        objects_to smallint NOT NULL, automated boolean NOT NULL, shared_with smallint NOT NULL,
        readers smallint NOT NULL, origin smallint NOT NULL, category smallint NOT NULL, data {kind} NOT NULL
    );
"""
LEDGER = """
    CREATE TABLE {changes} (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
        what text NOT NULL, about text NOT NULL
    );
    CREATE TABLE {readings} (LIKE {changes} INCLUDING ALL);
"""


class Plain:
    """One of the three."""

    def __init__(self, name: str, connection: psycopg.Connection, *, indexed: bool, sealed: bool) -> None:
        """Take a connection that commits by itself."""
        self.name, self._connection = name, connection
        self._indexed, self._sealed = indexed, sealed
        self.cannot: frozenset[str] = frozenset() if sealed else frozenset({"log_range"})
        self.guarantees = "; ".join(
            (
                DURABLE,
                "sealed under one key" if sealed else "data in clear",
                "a ledger row for each reading and change" if sealed else "no log",
                "a deleted row can be brought back from backups",
            )
        )
        self._cipher = AESGCM(AESGCM.generate_key(256))
        names = {part: sql.Identifier(f"plain_{name}_{part}".lower()) for part in ("record", "changes", "readings")}
        self._names = names
        self._statements: dict[str, sql.Composed] = {}
        self.table = f"plain_{name}_record".lower()

    def load(self, world: World, records: Iterable[Record]) -> None:  # noqa: ARG002 - the protocol's
        """Copy everything in, then build indexes."""
        kind = sql.SQL("bytea" if self._sealed else "text")
        self._connection.execute(sql.SQL(TABLES).format(kind=kind, **self._names))
        if self._sealed:
            self._connection.execute(sql.SQL(LEDGER).format(**self._names))
        copy = sql.SQL("COPY {record} FROM STDIN").format(**self._names)
        with self._connection.cursor() as cursor, cursor.copy(copy) as rows:
            for record in records:
                rows.write_row(self._row(record))
        for column in INDEXED if self._indexed else ():
            named = {"column": sql.Identifier(column), **self._names}
            self._connection.execute(sql.SQL("CREATE INDEX ON {record} ({column})").format(**named))
        self._connection.execute(sql.SQL("VACUUM ANALYZE {record}").format(**self._names))

    def create(self, record: Record) -> None:
        marks = ", ".join(["%s"] * 11)
        self._change("create", record.key, f"INSERT INTO {{record}} VALUES ({marks})", self._row(record))  # noqa: S608

    def read_by_key(self, key: UUID) -> str | None:
        found = self._read("read_by_key", key, "SELECT key, data FROM {record} WHERE key = %s", [key])
        return found.get(key)

    def read_by_person(self, person: UUID) -> dict[UUID, str]:
        return self._read("read_by_person", person, "SELECT key, data FROM {record} WHERE person = %s", [person])

    def read_by_purpose(self, purpose: int) -> dict[UUID, str]:
        return self._read("read_by_purpose", purpose, "SELECT key, data FROM {record} WHERE purpose = %s", [purpose])

    def read_not_objecting(self, purpose: int, use: int) -> dict[UUID, str]:
        select = "SELECT key, data FROM {record} WHERE purpose = %s AND objects_to <> %s"
        return self._read("read_not_objecting", purpose, select, [purpose, use])

    def read_not_automated(self, purpose: int) -> dict[UUID, str]:
        select = "SELECT key, data FROM {record} WHERE purpose = %s AND NOT automated"
        return self._read("read_not_automated", purpose, select, [purpose])

    def correct(self, key: UUID, data: str) -> bool:
        update = "UPDATE {record} SET data = %s WHERE key = %s"
        return self._change("correct", key, update, [self._seal(key, data), key]) == 1

    def change_by_key(self, key: UUID, automated: bool) -> bool:  # noqa: FBT001 - a column's value
        update = "UPDATE {record} SET automated = %s WHERE key = %s"
        return self._change("change_by_key", key, update, [automated, key]) == 1

    def change_by_person(self, person: UUID, use: int) -> None:
        update = "UPDATE {record} SET objects_to = %s WHERE person = %s"
        self._change("change_by_person", person, update, [use, person])

    def change_by_purpose(self, purpose: int, recipient: int) -> None:
        update = "UPDATE {record} SET shared_with = %s WHERE purpose = %s"
        self._change("change_by_purpose", purpose, update, [recipient, purpose])

    def delete_by_key(self, key: UUID) -> int:
        return self._change("delete_by_key", key, "DELETE FROM {record} WHERE key = %s", [key])

    def delete_by_person(self, person: UUID) -> int:
        return self._change("delete_by_person", person, "DELETE FROM {record} WHERE person = %s", [person])

    def delete_by_purpose(self, purpose: int) -> int:
        return self._change("delete_by_purpose", purpose, "DELETE FROM {record} WHERE purpose = %s", [purpose])

    def delete_by_expiry(self, day: date) -> int:
        return self._change("delete_by_expiry", day, "DELETE FROM {record} WHERE expires <= %s", [day])

    def metadata_of_person(self, person: UUID) -> dict[UUID, tuple[object, ...]]:
        select = f"SELECT key, {METADATA} FROM {{record}} WHERE person = %s"  # noqa: S608 - names of our own
        rows = self._select("metadata_of_person", person, select, [person])
        return {row[0]: tuple(row[1:]) for row in rows}

    def log_range(self, first: int, count: int) -> list[str]:
        select = "SELECT what FROM {changes} WHERE id > %s AND id <= %s ORDER BY id"
        return [what for (what,) in self._select("log_range", first, select, [first, first + count])]

    def verify_deletion(self, person: UUID) -> bool:
        select = "SELECT NOT EXISTS (SELECT 1 FROM {record} WHERE person = %s)"
        return bool(self._select("verify_deletion", person, select, [person])[0][0])

    def settle(self) -> None:
        """Do nothing: all was done when the act returned."""

    def everything(self) -> dict[UUID, tuple[object, ...]]:
        select = sql.SQL(f"SELECT {METADATA}, data, key FROM {{record}}").format(**self._names)  # noqa: S608
        rows = self._connection.cursor(binary=True).execute(select)
        return {row[-1]: (*row[:-2], self.open(row[-1], row[-2])) for row in rows}

    def size(self) -> int:
        tables = [f"plain_{self.name}_{part}".lower() for part in self._names]
        asked = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relname = ANY(%s)"
        return int(self._connection.execute(asked, [tables]).fetchone()[0])  # type: ignore[index]

    def open(self, key: UUID, data: Any) -> str:
        """Return a record's data from what lies in its row."""
        if not self._sealed:
            return str(data)
        return self._cipher.decrypt(data[:NONCE], data[NONCE:], key.bytes).decode()

    def open_piece(self, key: UUID, piece: bytes) -> str:
        """Return a record's data from its bytes, wherever they were found."""
        return self.open(key, piece) if self._sealed else piece.decode()

    def _seal(self, key: UUID, data: str) -> str | bytes:
        if not self._sealed:
            return data
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data.encode(), key.bytes)

    def _row(self, record: Record) -> tuple[Any, ...]:
        return (
            record.key, record.person, record.purpose, record.expires, record.objects_to, record.automated,
            record.shared_with, record.readers, record.origin, record.category, self._seal(record.key, record.data),
        )  # fmt: skip

    def _read(self, act: str, about: object, select: str, parameters: Sequence[Any]) -> dict[UUID, str]:
        return {key: self.open(key, data) for key, data in self._select(act, about, select, parameters)}

    def _select(self, act: str, about: object, select: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._run(act, "readings", [(act, about)], select, parameters).fetchall()

    def _change(self, act: str, about: object, statement: str, parameters: Sequence[Any]) -> int:
        return self._run(act, "changes", [(what, about) for what in LOGGED[act]], statement, parameters).rowcount

    def _run(
        self, act: str, ledger: str, noted: Sequence[tuple[str, object]], statement: str, parameters: Sequence[Any]
    ) -> psycopg.Cursor[Any]:
        """Run one statement, with its rows of the ledger where there is one."""
        if act not in self._statements:
            rows = sql.SQL(", ".join(["(%s, %s)"] * len(noted)))
            note = sql.SQL("WITH noted AS (INSERT INTO {ledger} (what, about) VALUES {rows}) ").format(
                ledger=self._names[ledger], rows=rows
            )
            asked = sql.SQL(statement).format(**self._names)
            self._statements[act] = note + asked if self._sealed else sql.SQL("{}").format(asked)
        first = [part for what, about in noted for part in (what, str(about))] if self._sealed else []
        cursor = self._connection.cursor(binary=True)
        return cursor.execute(self._statements[act], [*first, *parameters], prepare=True)


def systems(connection: psycopg.Connection) -> list[Plain]:
    """Return A, B and C."""
    return [
        Plain("A", connection, indexed=False, sealed=False),
        Plain("B", connection, indexed=True, sealed=False),
        Plain("C", connection, indexed=True, sealed=True),
    ]
