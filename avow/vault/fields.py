"""
A sealed field as bytes: what its seal is bound to, and how its value is laid out.

Holds:    a value moved to another person, field, version of the policy or place in the history does not open.
"""

import secrets
from uuid import UUID

from avow.vault import crypto
from avow.vault.models import SealedField


def seal(key: bytes, row: SealedField, plain: bytes, *, random: crypto.Random = secrets.token_bytes) -> bytes:
    """Seal a field's value for exactly this row."""
    return crypto.seal(crypto.derive(key, "avow/field/v1"), plain, bound(row), random=random)


def unseal(key: bytes, row: SealedField) -> bytes:
    """Return the value of a row."""
    return crypto.unseal(crypto.derive(key, "avow/field/v1"), bytes(row.ciphertext), bound(row))


def bound(row: SealedField) -> bytes:
    """Return what a row's seal is bound to."""
    person: UUID = row.person
    place = row.ordinal.to_bytes(4, "big")
    return crypto.bind("avow/field/v1", person.bytes, row.field.encode(), row.policy.encode(), place)
