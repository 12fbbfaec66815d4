"""
The lake: one row an event, under a name that its person has for one day only.

    day date · at timestamp (UTC) · pid int64 · ctx int64 · kind 'page'|'feature' · page template · feature
    browser · status int16 · referrer · properties (JSON)

Why through ibis: the same expression runs on DuckDB here and on an engine of one's own over the same files.

Holds:    only files that the newest manifest lists are read. An erasure takes its files off the disk at once; who
          reads at that moment asks again (`ask`). A question writes nothing down: one that memory cannot hold fails.
Does not: ask anybody's choices; `analyses` leaves out who objected.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import duckdb
import ibis  # type: ignore[import-untyped]

from avow.usage import manifest, places, rows
from avow.usage.places import Place

Answer = TypeVar("Answer")
COLUMNS = ["day", *rows.SCHEMA.names]
SCHEMA = ibis.schema({"day": "date", **ibis.Schema.from_pyarrow(rows.SCHEMA)})
TRIES = 4
NO_SPILL = ""  # else DuckDB writes what memory cannot hold into ./.tmp, where a kill leaves it


def events(since: date, until: date, *, place: Place | None = None) -> Any:
    """Return the events of these days, both included, as an ibis table."""
    lake = (place or places.here()).lake
    current = manifest.newest(lake)
    days = [day for day in current.days if since.isoformat() <= day <= until.isoformat()]
    files = [str(path) for path in current.paths(lake, days)]
    if not files:
        return engine().create_table("events", schema=SCHEMA)
    read = engine().read_parquet(files, hive_partitioning=True)
    return read.select(COLUMNS).cast({"day": "date"})


def ask(question: Callable[[], Answer]) -> Answer:
    """Answer a question that reads the lake, again when a file was replaced under it."""
    for _ in range(TRIES - 1):
        try:
            return question()
        except duckdb.IOException:
            continue
    return question()


def engine() -> Any:
    """Return a DuckDB of its own: in memory alone, one thread, and it fetches nothing from the network."""
    return ibis.duckdb.connect(threads=1, autoinstall_known_extensions=False, temp_directory=NO_SPILL)
