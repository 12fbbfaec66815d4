"""
A sealed field as bytes: what its seal is bound to, and how its value is laid out.

Holds:    a value moved to another person, field, version of the policy or place in the history does not open.
"""

import secrets
from uuid import UUID

from avow.policy.promises import Promise, keeps
from avow.vault import crypto
from avow.vault.models import SealedField


def key(person_key: bytes) -> bytes:
    """Return the key for a person's fields, from the person's own."""
    return crypto.derive(person_key, "avow/field/v1")


@keeps(Promise.SECURITY_MEASURES)
def seal(own: bytes, row: SealedField, plain: bytes, *, random: crypto.Random = secrets.token_bytes) -> bytes:
    """Seal a field's value for exactly this row."""
    return crypto.seal(own, plain, bound(row), random=random)


def unseal(own: bytes, row: SealedField) -> bytes:
    """Return the value of a row."""
    return crypto.unseal(own, bytes(row.ciphertext), bound(row))


def bound(row: SealedField) -> bytes:
    """Return what a row's seal is bound to."""
    person: UUID = row.person
    place = row.ordinal.to_bytes(4, "big")
    return crypto.bind("avow/field/v1", person.bytes, row.field.encode(), row.policy.encode(), place)
