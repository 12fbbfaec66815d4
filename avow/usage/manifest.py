"""
The manifest: the one list of files that count, each version a file of its own that is never changed.

    lake/manifest-00000042.json   {"days": {"2026-11-25": ["ab12….parquet"]}, "done": [segments], "batches": file,
                                  "dropped": {"2026-11-25": {"server event": 3}}}

Why `os.link` to the number: it fails when somebody else was first, so two writers cannot both win.

Holds:    a version is whole or absent, and durable before anything that it replaces is removed. Files that no
          version lists are what a crash left, and are removed by the next writer.
Assumes:  writers hold the lake's lock; readers need none.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from avow.errors import NotYet
from avow.keyring.file import sync_folder, write_durably

NAME = re.compile(r"^manifest-(\d{8})\.json$")
KEPT = 3  # versions


class Overtaken(NotYet):
    """Another writer changed the lake meanwhile."""

    code = "overtaken"


@dataclass(frozen=True)
class Manifest:
    """One version."""

    number: int = 0
    days: dict[str, tuple[str, ...]] = field(default_factory=dict)
    done: tuple[str, ...] = ()  # segments whose events are in, and which are being destroyed
    batches: str = ""  # the file with the numbers of the latest batches
    dropped: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # undeclared properties, counted (`dropping`)

    def with_day(self, day: str, files: Iterable[str]) -> Self:
        """Return the same with other files for a day."""
        days = {**self.days, day: tuple(files)}
        return replace(self, days={name: files for name, files in days.items() if files})

    def paths(self, lake: Path, days: Iterable[str] | None = None) -> list[Path]:
        """Return the files of these days, or of all."""
        wanted = sorted(self.days) if days is None else sorted(set(days) & set(self.days))
        return [lake / f"day={day}" / name for day in wanted for name in self.days[day]]


def newest(lake: Path) -> Manifest:
    """Return the newest version; an empty one before the first."""
    for number in sorted(_numbers(lake), reverse=True):
        try:
            said = json.loads(_path(lake, number).read_text())
        except FileNotFoundError:  # removed meanwhile, so there is a newer one
            return newest(lake)
        days = {day: tuple(files) for day, files in said["days"].items()}
        return Manifest(number, days, tuple(said["done"]), said["batches"], said.get("dropped", {}))
    return Manifest()


def commit(lake: Path, manifest: Manifest) -> Manifest:
    """Make the next version of it durable, and return it."""
    after = replace(manifest, number=manifest.number + 1)
    said = {"days": after.days, "done": after.done, "batches": after.batches, "dropped": after.dropped}
    fresh = lake / f".manifest.{secrets.token_hex(8)}.tmp"
    write_durably(fresh, json.dumps(said).encode())
    try:
        os.link(fresh, _path(lake, after.number))
    except FileExistsError:
        raise Overtaken("The lake was changed by another process meanwhile; do it again.") from None
    finally:
        fresh.unlink()
    sync_folder(lake)
    return after


def sweep(lake: Path, manifest: Manifest) -> None:
    """Remove what the newest version does not list: files that were replaced, or that a crash left."""
    listed = {*manifest.paths(lake), lake / manifest.batches}
    for path in [*lake.glob("day=*/*"), *lake.glob("*.batches"), *lake.glob(".manifest.*.tmp")]:
        if path not in listed:
            path.unlink(missing_ok=True)
    for number in _numbers(lake):
        if number <= manifest.number - KEPT:
            _path(lake, number).unlink(missing_ok=True)
    for folder in lake.glob("day=*"):
        if folder.name.removeprefix("day=") not in manifest.days:
            folder.rmdir()
    sync_folder(lake)


def _numbers(lake: Path) -> list[int]:
    return [int(found[1]) for path in lake.iterdir() if (found := NAME.match(path.name))] if lake.exists() else []


def _path(lake: Path, number: int) -> Path:
    return lake / f"manifest-{number:08d}.json"
