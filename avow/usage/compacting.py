"""
From the spool to the lake: open what arrived, decide whose it is, seal what goes along, write rows, destroy the key.

    close segments → open frames → drop repeats → persons, contexts (commit) → files → manifest N+1 → keys → segments

Why in this order: until the manifest names the new files nothing happened, and doing it again gives the same; after
it, all that is left is to destroy, and a start does that first.

Holds:    killed anywhere, each acknowledged event is in the lake once. Clear values of a person exist only in this
          process, and a segment's key only until its events are in. Who objected to every use, rests, or is being
          erased or gone, is nobody: a random name for each row, no context, the hour alone, no browser (but
          "bot"), no referrer and no properties.
Assumes:  the caller holds the lake's lock (`compact` takes it).
"""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]
from django.db import transaction

from avow.people.families import BOT, OTHER
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.usage import batches, browsers, contexts, cookies, dropping, manifest, rows, segments
from avow.usage.contexts import Circumstances
from avow.usage.locks import locked
from avow.usage.manifest import Manifest
from avow.usage.places import Place
from avow.usage.rows import NOBODYS, Row
from avow.usage.wire import Frame, Kept, Seen, frame_of
from avow.vault import choices, pseudonyms

USES = frozenset({Purpose.PERSONALISATION, Purpose.IMPROVEMENT, Purpose.ANALYSIS})  # what recording is for
AT_ONCE = 64 * 1024 * 1024  # bytes of segments in one pass
MERGED = 12  # files of a day, from which on they become one


@dataclass(frozen=True)
class Whose:
    """One visit and its person; None when it is nobody's."""

    seen: Seen
    person: UUID | None

    def circumstances(self, day: date) -> Circumstances:
        """Return under what its events of a day were sent."""
        assert self.person
        told = (self.seen.ip, self.seen.device, self._cookie, self.seen.agent)
        return Circumstances(self.person, day, *(part or "" for part in told))

    @cached_property
    def _cookie(self) -> str | None:
        return cookies.fingerprint(self.seen.cookie) if self.seen.cookie else None


def compact(place: Place, *, now: datetime, age: timedelta = timedelta(0)) -> int:
    """Work up what has waited this long; return how many events came in."""
    with locked(place.make().lake):
        return work_up(place, now=now, age=age)


def work_up(place: Place, *, now: datetime, age: timedelta = timedelta(0)) -> int:
    """Do the same under a lock that the caller holds."""
    current = recover(place)
    done = 0
    _close(place, age)
    while waiting := _some(sorted(place.spool.glob("*.closed"))):
        current, count = _bring_in(place, waiting, current, now)
        done += count
    return done


def recover(place: Place) -> Manifest:
    """Finish what a killed pass left, and return the newest manifest."""
    current = manifest.newest(place.lake)
    if current.done:
        segments.destroy(place, list(current.done))
    manifest.sweep(place.lake, current)
    return current


def _close(place: Place, age: timedelta) -> None:
    """Close segments that are old enough, and remove keys whose segment never came to be."""
    with locked(place.spool):
        for path in place.spool.glob("*.open"):
            key = place.keys / f"{path.stem}.key"
            if not key.exists() or not age or key.stat().st_mtime <= time.time() - age.total_seconds():
                segments.close(path)
        names = {path.stem for path in place.spool.glob("*.*")}
        for key in place.keys.glob("*.key"):
            if key.stem not in names:
                key.unlink()


def _some(waiting: list[Path]) -> list[Path]:
    """Return as many as fit one pass, at least one."""
    total, some = 0, list[Path]()
    for path in waiting:
        total += path.stat().st_size
        if some and total > AT_ONCE:
            break
        some.append(path)
    return some


@keeps(Promise.COLLECTED_DATA, Promise.DE_IDENTIFY)
def _bring_in(place: Place, waiting: list[Path], current: Manifest, now: datetime) -> tuple[Manifest, int]:
    """Bring the events of these segments into the lake in one commit, then destroy their keys."""
    known = batches.read(place.lake, current.batches)
    fresh, names = list[Row](), [path.stem for path in waiting]
    dropped = current.dropped
    for path in waiting:
        frames = list(_frames(place, path, known))
        fresh += _rows(frames, segments.key_of(place, path.stem), now)
        dropped = dropping.added(dropped, frames, now=now)
    after = replace(_written(place.lake, fresh, current), dropped=dropped)
    now_ms = round(now.timestamp() * 1000)
    latest = max([now_ms, *known.values()]) if known else now_ms
    after = replace(after, done=tuple(names), batches=batches.write(place.lake, known, now_ms=latest))
    after = manifest.commit(place.lake, after)
    segments.destroy(place, names)
    manifest.sweep(place.lake, after)
    return after, len(fresh)


def _frames(place: Place, path: Path, known: dict[bytes, int]) -> Iterator[Frame]:
    """Yield what is new in a segment, and note it as known."""
    for _, plain in segments.frames(place, path):
        frame = frame_of(plain)
        if frame.batch in known:
            continue
        if frame.batch:  # who gave no number sends once
            known[frame.batch] = frame.received
        yield frame


@transaction.atomic
def _rows(frames: Iterable[Frame], key: bytes, now: datetime) -> list[Row]:
    """Return the rows of these frames; contexts and new browsers are committed with it."""
    visits = _whose([seen for frame in frames for seen in frame.visits], now)
    wanted = {
        visit.circumstances(_moment(event).date()) for visit in visits if visit.person for event in visit.seen.events
    }
    kept = contexts.keep(wanted, under=key, now=now)
    names = pseudonyms.pseudonyms((one.person, one.day) for one in kept)
    named = contexts.named_properties(now)
    return [row for visit in visits for row in _of_visit(visit, kept, names, named)]


def _whose(seen: list[Seen], now: datetime) -> list[Whose]:
    cookies = {one.cookie for one in seen if one.cookie and not one.person}
    by_cookie = browsers.persons_of(cookies, now=now) if cookies else {}
    found = [UUID(bytes=one.person) if one.person else by_cookie.get(one.cookie or b"") for one in seen]
    said = choices.of_many({person for person in found if person}, now=now)
    silent = {person for person, chosen in said.items() if chosen.objected >= USES}
    return [Whose(one, None if person in silent else person) for one, person in zip(seen, found, strict=True)]


def _of_visit(
    visit: Whose, kept: dict[Circumstances, int], names: dict[tuple[UUID, date], str], named: frozenset[str]
) -> Iterator[Row]:
    """Yield the rows of one visit, under the person's name of the day or each under nobody's."""
    for event in visit.seen.events:
        at = _moment(event)
        told = (event.kind, event.page, event.feature)
        number = kept.get(visit.circumstances(at.date())) if visit.person else None
        name = names.get((visit.person, at.date())) if visit.person and number is not None else None
        if name and number is not None:
            pid, more = rows.signed(bytes.fromhex(name)), (event.referrer, _properties(event.properties, named))
            yield Row(at, pid, number, *told, visit.seen.family, event.status, *more)
        else:
            family = BOT if visit.seen.family == BOT else OTHER
            yield Row(rows.hour(at), rows.random_pid(), NOBODYS, *told, family, event.status)


def _properties(said: str | None, named: frozenset[str]) -> str | None:
    """Return of an event's properties those that the policy names."""
    left = {name: value for name, value in json.loads(said).items() if name in named} if said else {}
    return json.dumps(left, separators=(",", ":"), sort_keys=True) if left else None


def _written(lake: Path, fresh: list[Row], current: Manifest) -> Manifest:
    """Write the rows by day, and return a manifest that names their files; many small files become one."""
    by_day: dict[str, list[Row]] = {}
    for row in fresh:
        by_day.setdefault(row.day.isoformat(), []).append(row)
    for day, of_day in by_day.items():
        before, table = current.days.get(day, ()), rows.table(of_day)
        if len(before) >= MERGED:
            table = pa.concat_tables([table, *(rows.read(path) for path in current.paths(lake, [day]))])
            before = ()
        current = current.with_day(day, [*before, rows.write(lake, day, table)])
    return current


def _moment(event: Kept) -> datetime:
    return datetime.fromtimestamp(event.at / 1000, UTC)
