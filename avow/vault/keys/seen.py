"""
What was seen of the log and of erasures, in small files beside the key backups: outside both databases.

    seen.json            checkpoint, in clear                  how long the log was, and which of the others there are
    seen-000012.json     slots, sealed                         destroyed while epoch 12 sealed the cover that held them

Why: two old databases that were copied together agree with each other, and would bring back whoever was erased since.
These files say what they do not know. Why only slots under living epochs: once an epoch's key is destroyed, no old
copy of its covers opens, so there is nothing left to destroy again. Why one for each epoch: the log grows every few
seconds, and what was destroyed under yesterday's epoch is written once and not with each entry.

Holds:    each whole or absent, 0600. They never go back: a log that does not go on from what was seen writes nothing
          here until somebody has accepted that, and a slot leaves them only with its epoch. What lies in them is
          believed only if this installation wrote it, and then also where the first of them is missing.
Assumes:  the folder survives what the databases do not (AVOW_KEY_BACKUPS on another disk). The worker renews them every
          few seconds; an erasure of the last seconds before a loss of everything is not in them. A puncture is never
          taken back, so one more is always one that the file lacks.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import ENOENT
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min

from avow.errors import BadInput, DoesNotOpen
from avow.evidence import seen as log_seen
from avow.evidence.entries import canonical
from avow.evidence.tiles import newest
from avow.keyring.file import sync_folder, write_durably
from avow.keyring.secret import named_secret
from avow.vault import crypto
from avow.vault.keys import backups, installations
from avow.vault.keys.models import Epoch, EpochState, Puncture

NAME = "seen.json"
OF_EPOCH = re.compile(r"seen-(\d{6,})\.json")


@dataclass(frozen=True)
class Gone:
    """One slot that was destroyed, with what the log and the key database say of it."""

    slot: int
    nonce: bytes
    entry_id: UUID
    at: datetime
    request: UUID


@dataclass(frozen=True)
class Seen:
    """What the files say."""

    note: str | None  # a signed checkpoint; None where the first file is missing and others are there
    at: datetime | None
    gone: tuple[Gone, ...]


def path() -> Path:
    """Return where the first of the files lies."""
    return backups.folder() / NAME


def file_of(epoch: int) -> Path:
    """Return where that of an epoch lies."""
    return backups.folder() / f"seen-{epoch:06d}.json"


def renew(*, now: datetime) -> int:
    """Write down what is seen now, where it says more than the files; return whether something was written."""
    signed, known = newest(), _clear(path())
    before = known.get("checkpoint") if known else None
    if known is not None and not isinstance(before, str):
        raise _damaged(path())
    if signed is None or signed.note == before or (before and log_seen.broken_since(before)):
        return 0  # nothing new; or older data: the fence stops it, and this file is what it knows it by
    oldest = Epoch.objects.exclude(state=EpochState.DESTROYED).aggregate(oldest=Min("number"))["oldest"] or 0
    counts = _how_many(oldest)
    for epoch, count in counts.items():
        if count > _counted(epoch):
            _write(file_of(epoch), {}, _more(epoch), _bound_to(epoch))
    there = _epochs_there()
    at = now.astimezone(UTC).isoformat()
    living = sorted(epoch for epoch in {*there, *counts} if epoch >= oldest)
    _write(path(), {"checkpoint": signed.note, "at": at}, living, _bound(signed.note, at))
    for epoch in set(there) - set(living):  # last: until here the list named them
        file_of(epoch).unlink(missing_ok=True)
    for left in backups.folder().glob(".seen*.tmp"):  # a killed process left it
        left.unlink(missing_ok=True)
    return 1


def destroyed(epoch: int) -> list[Gone]:
    """Return the slots that were destroyed while this epoch sealed the covers that held them."""
    return [gone_of(row) for row in Puncture.objects.filter(epoch=epoch).order_by("slot")]


def gone_of(row: Puncture) -> Gone:
    """Return what the key database says of a slot."""
    return Gone(row.slot, bytes(row.nonce), row.entry_id, row.at, row.request)


def read() -> Seen | None:
    """Return what the files say; BadInput when they are damaged or another installation's."""
    try:
        return _read()
    except FileNotFoundError:
        pass
    try:
        return _read()  # an epoch died between a look at the list and one at its file
    except FileNotFoundError as missing:
        raise _damaged(Path(missing.filename)) from None


def _read() -> Seen | None:
    known, there = _clear(path()), _epochs_there()
    if known is None and not there:
        return None
    note, at, named = (None, None, []) if known is None else _list(known)
    return Seen(note, at, tuple(chain.from_iterable(map(_read_epoch, sorted({*named, *there})))))


def _list(known: dict[str, Any]) -> tuple[str, datetime, list[int]]:
    """Return what the first file says: the checkpoint, when it was seen, and which others there must be."""
    try:
        note, at = known["checkpoint"], datetime.fromisoformat(known["at"])
        return note, at, _opened(known, _bound(note, known["at"]))
    except (KeyError, TypeError, ValueError, AttributeError, DoesNotOpen):
        raise _damaged(path()) from None


def _read_epoch(epoch: int) -> list[Gone]:
    known = _clear(file_of(epoch))
    if known is None:
        raise FileNotFoundError(ENOENT, "", str(file_of(epoch)))
    try:
        return [_gone(*row) for row in _opened(known, _bound_to(epoch))]
    except (KeyError, TypeError, ValueError, AttributeError, DoesNotOpen):
        raise _damaged(file_of(epoch)) from None


def _more(epoch: int) -> list[Gone]:
    """Return what the key database and the file of an epoch know: an older key database lacks what the file has."""
    try:
        before = _read_epoch(epoch)
    except (FileNotFoundError, BadInput):
        before = []
    both = {one.slot: one for one in (*before, *destroyed(epoch))}
    return [both[slot] for slot in sorted(both)]


def _how_many(oldest: int) -> dict[int, int]:
    """Count the punctures of each epoch from this one on."""
    rows = Puncture.objects.filter(epoch__gte=oldest).values_list("epoch").annotate(count=Count("*"))
    return dict(rows.order_by())


def _counted(epoch: int) -> int:
    """Return how many the file of an epoch has; none where there is no file, or one that does not open."""
    place = file_of(epoch)
    try:
        which = place.stat()
    except FileNotFoundError:
        return 0
    return _counted_in(epoch, place, which.st_ino, which.st_mtime_ns, which.st_size)


@lru_cache(maxsize=32)
def _counted_in(epoch: int, place: Path, *which: int) -> int:  # noqa: ARG001 - one that did not change is opened once
    try:
        return len(_read_epoch(epoch))
    except (BadInput, FileNotFoundError):
        return 0


def _epochs_there() -> list[int]:
    try:
        return [int(match[1]) for one in backups.folder().iterdir() if (match := OF_EPOCH.fullmatch(one.name))]
    except FileNotFoundError:
        return []


def _clear(place: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(place.read_text())
    except FileNotFoundError:
        return None
    except (ValueError, OSError):
        raise _damaged(place) from None
    if not isinstance(found, dict):
        raise _damaged(place)
    return found


def _opened(known: dict[str, Any], bound: bytes) -> Any:
    return json.loads(crypto.unseal(_key(), bytes.fromhex(known["sealed"]), bound))


def _damaged(place: Path) -> BadInput:
    return BadInput(
        f"{place} is damaged, missing or another installation's; put back the one of this installation. If there is "
        f"none, move it and {NAME} away: what only they told of old databases is lost then."
    )


def _write(place: Path, clear: dict[str, Any], what: Sequence[Gone | int], bound: bytes) -> None:
    rows = [one if isinstance(one, int) else _row(one) for one in what]
    said = {**clear, "sealed": crypto.seal(_key(), canonical(rows), bound).hex()}
    backups.made()
    fresh = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    fresh.unlink(missing_ok=True)  # a killed process of this number left it
    write_durably(fresh, json.dumps(said).encode() + b"\n")
    fresh.rename(place)
    sync_folder(place.parent)


def _row(one: Gone) -> list[int | str]:
    return [one.slot, one.nonce.hex(), str(one.entry_id), one.at.isoformat(), str(one.request)]


def _gone(slot: int, nonce: str, entry_id: str, at: str, request: str) -> Gone:
    return Gone(int(slot), bytes.fromhex(nonce), UUID(entry_id), datetime.fromisoformat(at), UUID(request))


def _key() -> bytes:
    return crypto.derive(named_secret(settings.KEYRING_FOLDER, installations.PEPPER), "avow/seen/v1")


def _bound(note: str, at: str) -> bytes:
    return crypto.bind("avow/seen/v1", note.encode(), at.encode())


def _bound_to(epoch: int) -> bytes:
    return crypto.bind("avow/seen-epoch/v1", epoch.to_bytes(8, "big"))
