"""
Leave out what nobody declared, count it, and keep the counts for a month.

Why counted and not refused: a site that sends one thing too many would lose all its events, and would hear of it from
nobody; the desk and `avow doctor` say it.

Holds:    what is counted is the day, the site and the place ("event"), never the name or the value, which may be
          anything.
          The counts are in the manifest, so they change with the events in one commit: none is lost, none counts twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import inspect

from avow.usage.wire import Frame

KEPT = timedelta(days=30)
Counts = Mapping[str, Mapping[str, int]]  # by day: "site place" and how many


def without(told: Any, kind: Any) -> tuple[Any, dict[str, int]]:
    """Return what was told without what its type does not have, and how much that was, by place."""
    dropped: Counter[str] = Counter()
    return _pruned(told, _shape(kind), dropped), dict(dropped)


def added(counts: Counts, frames: Iterable[Frame], *, now: datetime) -> Counts:
    """Return the counts of the last month with those of these frames."""
    first = (now - KEPT).date().isoformat()
    after = {day: Counter(of_day) for day, of_day in counts.items() if day >= first}
    for frame in frames:
        day = datetime.fromtimestamp(frame.received / 1000, UTC).date().isoformat()
        for place, count in frame.dropped.items():
            after.setdefault(day, Counter())[f"{frame.source} {place}"] += count
    return {day: dict(of_day) for day, of_day in after.items()}


def summed(counts: Counts) -> list[tuple[str, str, int]]:
    """Return site, place and how many, the most first."""
    total: Counter[str] = Counter()
    for of_day in counts.values():
        total.update(of_day)
    ordered = sorted(total.items(), key=lambda each: (-each[1], each[0]))
    return [(*_two(name), count) for name, count in ordered]


def _two(name: str) -> tuple[str, str]:
    site, _, place = name.rpartition(" ")
    return site, place


@lru_cache(maxsize=32)
def _shape(kind: Any) -> Any:
    return inspect.type_info(kind)


def _pruned(told: Any, kind: Any, dropped: Counter[str]) -> Any:
    if isinstance(kind, inspect.UnionType):
        kind = next((one for one in kind.types if isinstance(one, inspect.StructType | inspect.ListType)), None)
    if isinstance(kind, inspect.ListType) and isinstance(told, list):
        return [_pruned(one, kind.item_type, dropped) for one in told]
    if isinstance(kind, inspect.StructType) and isinstance(told, dict):
        types = {field.encode_name: field.type for field in kind.fields}
        known = {name: _pruned(value, types[name], dropped) for name, value in told.items() if name in types}
        if len(known) < len(told):
            dropped[kind.cls.__name__.lower()] += len(told) - len(known)
        return known
    return told
