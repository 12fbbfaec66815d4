"""
What was recorded about one person, read back under the person's key.

Holds:    events come out for a purpose that the gate permits for the text under which they were recorded, and only
          of this person: a row counts when both its name and its context are theirs.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.usage import contexts, manifest, places, rows
from avow.usage.places import Place
from avow.vault import pseudonyms


@dataclass(frozen=True)
class Recorded:
    """One event with what was sent along."""

    at: datetime
    kind: str
    page: str
    feature: str | None
    status: int | None
    browser: str
    sent: dict[str, str]
    referrer: str | None = None
    properties: str | None = None  # JSON


@keeps(Promise.PURPOSE_LIMIT)
def events(
    person: UUID, purpose: Purpose, *, now: datetime, since: date = date.min, place: Place | None = None
) -> list[Recorded]:
    """Return a person's events, the newest first."""
    opened = contexts.opened(person, purpose, now=now, since=since)
    lake = (place or places.here()).lake
    found = _rows(lake, person, {day for day, _ in opened.values()})
    shown = [_shown(row, opened[row.ctx][1]) for row in found if row.ctx in opened]
    return sorted(shown, key=lambda one: one.at, reverse=True)


def _shown(row: rows.Row, sent: dict[str, str]) -> Recorded:
    what = (row.kind, row.page, row.feature, row.status, row.browser)
    return Recorded(row.at, *what, sent, row.referrer, row.properties)


def count(person: UUID, *, place: Place | None = None) -> int:
    """Return how many rows of the lake are a person's."""
    return len(_rows((place or places.here()).lake, person, contexts.days_of(person)))


def by_day(found: Iterable[Recorded]) -> list[tuple[date, int]]:
    """Return how many events each day has, the oldest first."""
    return sorted(Counter(one.at.date() for one in found).items())


def names_of(person: UUID, days: Iterable[date]) -> dict[date, int]:
    """Return under which number a person's rows of these days lie; nothing when the key is gone."""
    names = pseudonyms.pseudonyms((person, day) for day in days)
    return {day: rows.signed(bytes.fromhex(name)) for (_, day), name in names.items()}


def _rows(lake: Path, person: UUID, days: set[date]) -> list[rows.Row]:
    names = names_of(person, days)
    current = manifest.newest(lake)
    found = list[rows.Row]()
    for day, pid in names.items():
        for path in current.paths(lake, [day.isoformat()]):
            found += rows.as_rows(_of(path, pid))
    return found


def _of(path: Path, pid: int) -> pa.Table:
    """Return the rows of one file under a number; a file that was replaced this moment has none left of it."""
    try:
        with path.open("rb") as file:
            kept = pq.read_table(file)
    except FileNotFoundError:
        return rows.table([])
    return kept.filter(pc.equal(kept["pid"], pid))
