"""
The name under which a person's events of one day are kept.

Why by day and under the person's key: no two days can be linked without the key, and once the key is gone, no day.

Holds:    the same person and day give the same name; nobody without the key can tell whose it is.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from avow.vault import crypto, persons

SIZE = 16  # bytes


def pseudonym(person: UUID, day: date) -> str:
    """Return the person's pseudonym of a day."""
    return _under(persons.key_of(person), day)


def pseudonyms(wanted: Iterable[tuple[UUID, date]]) -> dict[tuple[UUID, date], str]:
    """Return many at once; who has no key any more is left out."""
    pairs = set(wanted)
    keys = persons.keys_of({person for person, _ in pairs})
    return {(person, day): _under(keys[person], day) for person, day in pairs if person in keys}


def _under(key: bytes, day: date) -> str:
    return crypto.derive(key, f"pseudo:{day.isoformat()}")[:SIZE].hex()


def for_recipient(person: UUID, recipient: UUID) -> str:
    """Return the name under which one recipient knows the person; no two recipients can compare theirs."""
    return crypto.derive(persons.key_of(person), f"recipient:{recipient}")[:SIZE].hex()
