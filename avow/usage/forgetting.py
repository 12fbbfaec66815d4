"""
Forget what was recorded about a person: of a day, or all.

    lock the lake · work up what is on its way · rewrite the person's rows: a random number for each, no context, no
    properties, the hour alone, any browser · manifest · remove the old files now · remove the contexts

Why rewrite and not only lose the key: within a day the rows would stay linked to each other, and a trail tells more
than its parts; that also is why the minute and the browser go. Why the old files go at once: a replaced file is a copy.

Holds:    killed anywhere, the next call ends the same. Afterwards no row has a number that the key gives, and no
          context is left; counts of pages stay right.
"""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from django.db import transaction

from avow.evidence.acts import Act
from avow.people import families
from avow.policy.promises import Promise, keeps
from avow.usage import compacting, contexts, manifest, places, recorded, rows
from avow.usage.locks import locked
from avow.usage.manifest import Manifest
from avow.usage.places import Place
from avow.vault.attesting import attest

PROPERTIES = ("feature", "referrer", "properties")  # of an event, which a person's row alone has


@keeps(Promise.ACCESS_AND_ERASE, Promise.DE_IDENTIFY)
def forget(person: UUID, *, now: datetime, days: Collection[date] | None = None, place: Place | None = None) -> int:
    """Forget these days, or all; return how many rows went or lost their person."""
    place = (place or places.here()).make()
    with locked(place.lake):
        compacting.work_up(place, now=now)
        wanted = contexts.days_of(person) & set(days) if days is not None else contexts.days_of(person)
        changed = _rewrite(place.lake, recorded.names_of(person, wanted))
        return changed + contexts.forget(person, wanted)


def forget_days(person: UUID, days: Collection[date] | None, *, now: datetime) -> int:
    """Forget at a living person's own wish, and say so in their log; nothing to forget leaves no entry."""
    changed = forget(person, now=now, days=days)
    if changed:
        with transaction.atomic():
            attest(person, Act.USAGE_FORGOTTEN, promise=Promise.ACCESS_AND_ERASE, now=now)
    return changed


def _rewrite(lake: Path, names: dict[date, int]) -> int:
    """Take these numbers out of the lake in one commit, and the files that had them off the disk."""
    current = before = manifest.newest(lake)
    changed = 0
    for day, pid in names.items():
        current, here = _rewrite_day(lake, current, day.isoformat(), pid)
        changed += here
    if current is not before:
        manifest.sweep(lake, manifest.commit(lake, current))
    return changed


def _rewrite_day(lake: Path, current: Manifest, day: str, pid: int) -> tuple[Manifest, int]:
    files, changed = list(current.days.get(day, ())), 0
    for at, path in enumerate(current.paths(lake, [day])):
        kept = rows.read(path)
        theirs = pc.equal(kept["pid"], pid)
        if here := pc.sum(theirs).as_py() or 0:
            files[at] = rows.write(lake, day, _strangers(kept, theirs))
            changed += here
    return (current.with_day(day, files), changed) if changed else (current, 0)


def _strangers(kept: pa.Table, theirs: pa.ChunkedArray) -> pa.Table:
    """Return the rows with those of the person given to nobody: each a random number, at the hour, in any browser."""
    kept, mask = kept.combine_chunks(), theirs.combine_chunks()
    fresh = pa.array([rows.random_pid() for _ in range(pc.sum(mask).as_py())], pa.int64())
    instead = {
        "pid": pc.replace_with_mask(kept["pid"].combine_chunks(), mask, fresh),
        "ctx": pc.if_else(mask, pa.scalar(rows.NOBODYS, pa.int64()), kept["ctx"]),
        "at": pc.if_else(mask, pc.floor_temporal(kept["at"], unit="hour"), kept["at"]),
        **{name: pc.if_else(mask, pa.scalar(None, pa.string()), kept[name]) for name in PROPERTIES},
        "browser": pc.if_else(mask, pa.scalar(families.OTHER), kept["browser"]),
    }
    for name, column in instead.items():
        kept = kept.set_column(kept.schema.get_field_index(name), name, column)
    return kept
