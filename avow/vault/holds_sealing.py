"""
A held value as bytes: sealed under its hold's own key, and bound to the hold, the field and the day.

Why not the bytes as they lay under their person's key: that key opens everything else too, here and in every backup, so
it must go. Why a `place` under the hold's key: keeping may be repeated after any crash, and a value that is kept twice
is one row; who reads the row alone learns nothing from it.

Holds:    a held value opens only as what it is: moved to another hold, field or day it does not.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from avow.vault import crypto
from avow.vault.models import HeldField

PLACE = 16  # bytes


class Kept(NamedTuple):
    """One value in scope, opened, on its way from one key to the other."""

    field: str
    origin: str
    mark: str  # what tells it from other values of its field: its ordinal, or the address's token
    policy: str
    collected_at: datetime
    superseded_at: datetime | None
    plain: bytes


def key(hold_key: bytes) -> bytes:
    """Return the key for what a hold keeps, from the hold's own."""
    return crypto.derive(hold_key, "avow/held/v1")


def place(own: bytes, one: Kept) -> str:
    """Return which value this is, for who has the key."""
    parts = (one.origin, one.field, one.mark, _stamp(one.collected_at))
    return crypto.commitment(own, "avow/held/place", *(part.encode() for part in parts))[:PLACE].hex()


def seal(own: bytes, hold: UUID, place: str, one: Kept) -> bytes:
    """Seal a value for its row."""
    return crypto.seal(own, one.plain, _bound(hold, one.collected_at, one.origin, one.field, place, one.policy))


def unseal(own: bytes, row: HeldField) -> bytes:
    """Return the value of a row; `holds_opening` asks the gate first."""
    bound = _bound(row.hold_id, row.collected_at, row.origin, row.field, row.place, row.policy)
    return crypto.unseal(own, bytes(row.ciphertext), bound)


def _bound(hold: UUID, collected_at: datetime, *parts: str) -> bytes:
    return crypto.bind("avow/held/v1", hold.bytes, _stamp(collected_at).encode(), *(part.encode() for part in parts))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
