"""
Rows of the lake: their columns, and files of them by day.

Holds:    a file has the declared columns and no other, sorted by person and time, and is durable when its name is
          returned. The day stands in the folder's name. No footer says the least and the greatest of what is about a
          person: Parquet keeps those in clear, beside the compressed column.
"""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from avow.keyring.file import sync_folder
from avow.usage.catalogue import LAKE

TYPES = {  # else text

    "at": pa.timestamp("us", tz="UTC"), "pid": pa.int64(), "ctx": pa.int64(), "status": pa.int16(),
}  # fmt: skip
SCHEMA = pa.schema([(column.name, TYPES.get(column.name, pa.string())) for column in LAKE])
COUNTED = [column.name for column in LAKE if column.category is None]  # whose least and greatest a footer may say
NOBODYS = 0  # the context of what belongs to nobody


@dataclass(frozen=True)
class Row:
    """One event as it rests."""

    at: datetime
    pid: int
    ctx: int
    kind: str
    page: str
    feature: str | None
    browser: str
    status: int | None
    referrer: str | None = None
    properties: str | None = None

    @property
    def day(self) -> date:
        """In UTC."""
        return self.at.astimezone(UTC).date()


def table(rows: Iterable[Row]) -> pa.Table:
    """Return rows as a table."""
    kept = list(rows)
    return pa.table({field.name: pa.array([getattr(row, field.name) for row in kept], field.type) for field in SCHEMA})


def write(lake: Path, day: str, kept: pa.Table) -> str:
    """Write a file of one day, durably, and return its name."""
    folder = lake / f"day={day}"
    folder.mkdir(exist_ok=True, mode=0o700)
    name = f"{secrets.token_hex(16)}.parquet"
    ordered = kept.select(SCHEMA.names).cast(SCHEMA).sort_by([("pid", "ascending"), ("at", "ascending")])
    with (folder / name).open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        pq.write_table(ordered, file, compression="zstd", write_statistics=COUNTED)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)
    sync_folder(lake)
    return name


def read(path: Path) -> pa.Table:
    """Return a file's rows."""
    with path.open("rb") as file:
        return pq.read_table(file)


def random_pid() -> int:
    """Return a name that is nobody's."""
    return signed(secrets.token_bytes(8))


def hour(at: datetime) -> datetime:
    """Return the beginning of the hour: all that is said of when somebody came who is nobody."""
    return at.replace(minute=0, second=0, microsecond=0)


def signed(raw: bytes) -> int:
    """Return eight bytes as a number that every engine knows."""
    return int.from_bytes(raw[:8], "big", signed=True)


def as_rows(kept: pa.Table) -> list[Row]:
    """Return a table as rows."""
    return [Row(**cast("dict[str, object]", row)) for row in kept.to_pylist()]  # type: ignore[arg-type]
