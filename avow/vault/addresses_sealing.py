"""
A sealed address as bytes: what its seal is bound to.

Holds:    an address moved to another person, token, kind or version of the policy does not open.
"""

import secrets
from uuid import UUID

from avow.vault import crypto
from avow.vault.models import AddressSealed


def key(person_key: bytes) -> bytes:
    """Return the key for a person's addresses, from the person's own."""
    return crypto.derive(person_key, "avow/address/v1")


def seal(own: bytes, row: AddressSealed, value: str, *, random: crypto.Random = secrets.token_bytes) -> bytes:
    """Seal an address, as it was given, for exactly this row."""
    return crypto.seal(own, value.strip().encode(), _bound(row), random=random)


def unseal(own: bytes, row: AddressSealed) -> bytes:
    """Return the address of a row."""
    return crypto.unseal(own, bytes(row.ciphertext), _bound(row))


def _bound(row: AddressSealed) -> bytes:
    person: UUID = row.person
    return crypto.bind("avow/address/v1", person.bytes, row.token.encode(), row.kind.encode(), row.policy.encode())
