"""
A sealed field as bytes: what its seal is bound to, and how its value is laid out.

Holds:    a value moved to another person, field, version of the policy or place in the history does not open.
"""

import secrets
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from avow.policy.promises import Promise, keeps
from avow.vault import crypto
from avow.vault.models import SealedField

HEAD = crypto.bind("avow/field/v1") + crypto.length_of(bytes(16))  # before the 16 bytes of a person


class Sealed(NamedTuple):
    """What of a stored value is needed to open it: a fifth of the cost of a row of Django's, of which bulk has many."""

    person: bytes  # the UUID's
    field: str
    ordinal: int
    policy: str
    ciphertext: bytes


def key(person_key: bytes) -> bytes:
    """Return the key for a person's fields, from the person's own."""
    return crypto.derive(person_key, "avow/field/v1")


@keeps(Promise.SECURITY_MEASURES)
def seal(own: bytes, row: SealedField | Sealed, plain: bytes, *, random: crypto.Random = secrets.token_bytes) -> bytes:
    """Seal a field's value for exactly this row."""
    return crypto.seal(own, plain, bound(row), random=random)


def unseal(own: bytes, row: SealedField | Sealed) -> bytes:
    """Return the value of a row."""
    return crypto.unseal(own, bytes(row.ciphertext), bound(row))


def bound(row: SealedField | Sealed) -> bytes:
    """Return what a row's seal is bound to."""
    person: UUID | bytes = row.person
    whose = person if isinstance(person, bytes) else person.bytes
    return HEAD + whose + _place(row.field, row.policy, row.ordinal)


@lru_cache(maxsize=1024)
def _place(field: str, policy: str, ordinal: int) -> bytes:
    """Return the parts after the person, which most rows of a read in bulk share."""
    return crypto.joined(field.encode(), policy.encode(), ordinal.to_bytes(4, "big"))
