"""
What was seen of the log and of erasures, in a small file beside the key backups: outside both databases.

    seen.json    checkpoint, in clear     how long the log was
                 destroyed, sealed        slots whose old covers some living epoch's key could still open

Why: two old databases that were copied together agree with each other, and would bring back whoever was erased since.
This file says what they do not know. Why only slots under living epochs: once an epoch's key is destroyed, no old
copy of its covers opens, so there is nothing left to destroy again.

Holds:    whole or absent, 0600. It never goes back: a log that is shorter than what was seen writes nothing here,
          unless somebody has accepted that. What lies in it is believed only if this installation wrote it.
Assumes:  the folder survives what the databases do not (AVOW_KEY_BACKUPS on another disk). The worker renews it every
          few seconds; an erasure of the last seconds before a loss of everything is not in it.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Min

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
    """What the file says."""

    note: str  # a signed checkpoint
    at: datetime
    gone: tuple[Gone, ...]


def path() -> Path:
    """Return where the file lies."""
    return backups.folder() / NAME


def renew(*, now: datetime, accepted: bool = False) -> int:
    """Write down what is seen now, where it says more than the file; return whether it was written."""
    signed, known = newest(), _clear()
    if signed is None or (known and signed.note == known["checkpoint"] and not accepted):
        return 0
    if known and not accepted and log_seen.size_of(known["checkpoint"]) > signed.size:
        return 0  # older data: the fence stops it, and this file is what it knows it by
    _write(signed.note, now, destroyed())
    return 1


def destroyed() -> list[Gone]:
    """Return the slots that were destroyed and whose old covers a living key still opens."""
    oldest = Epoch.objects.exclude(state=EpochState.DESTROYED).aggregate(oldest=Min("number"))["oldest"] or 0
    rows = Puncture.objects.filter(epoch__gte=oldest).order_by("slot")
    return [Gone(row.slot, bytes(row.nonce), row.entry_id, row.at, row.request) for row in rows]


def read() -> Seen | None:
    """Return what the file says; BadInput when it is damaged or another installation's."""
    known = _clear()
    if known is None:
        return None
    try:
        note, at = known["checkpoint"], datetime.fromisoformat(known["at"])
        plain = crypto.unseal(_key(), bytes.fromhex(known["destroyed"]), _bound(note, known["at"]))
        return Seen(note, at, tuple(_gone(*row) for row in json.loads(plain)))
    except (KeyError, TypeError, ValueError, DoesNotOpen):
        raise _damaged() from None


def _clear() -> dict[str, str] | None:
    try:
        found = json.loads(path().read_text())
    except FileNotFoundError:
        return None
    except (ValueError, OSError):
        raise _damaged() from None
    if not isinstance(found, dict) or not isinstance(found.get("checkpoint"), str):
        raise _damaged()
    return found


def _damaged() -> BadInput:
    return BadInput(
        f"{path()} is damaged or another installation's; put back the one of this installation, or move it away if "
        "there is none: then nothing outside the databases tells whether they are old."
    )


def _write(note: str, now: datetime, gone: Sequence[Gone]) -> None:
    at = now.astimezone(UTC).isoformat()
    rows = [[one.slot, one.nonce.hex(), str(one.entry_id), one.at.isoformat(), str(one.request)] for one in gone]
    sealed = crypto.seal(_key(), canonical(rows), _bound(note, at))
    place = backups.folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place / f".{NAME}.{os.getpid()}.tmp"
    fresh.unlink(missing_ok=True)  # a killed process of this number left it
    write_durably(fresh, json.dumps({"checkpoint": note, "at": at, "destroyed": sealed.hex()}).encode() + b"\n")
    fresh.rename(path())
    sync_folder(place)


def _gone(slot: int, nonce: str, entry_id: str, at: str, request: str) -> Gone:
    return Gone(int(slot), bytes.fromhex(nonce), UUID(entry_id), datetime.fromisoformat(at), UUID(request))


def _key() -> bytes:
    return crypto.derive(named_secret(settings.KEYRING_FOLDER, installations.PEPPER), "avow/seen/v1")


def _bound(note: str, at: str) -> bytes:
    return crypto.bind("avow/seen/v1", note.encode(), at.encode())
