"""
The acts of `bench.roles`: what each system under comparison must be able to do, and what its answer is.

Fourteen acts of those who collect, are concerned, and process, and three of those who supervise: the ones that
GDPRbench draws from the regulation (Shastri et al., PVLDB 13(7), 2020), in our own words. Its published clients are no
baseline: the one for PostgreSQL returns OK from an insert that inserts nothing, asks for purposes that its
generator never makes, and does not look at the answers.

Holds:    an answer is plain data, so that one comparison serves all; an act changes nothing that is not said here.
"""

from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID

from bench._roles_records import Record, World

ACTS = (
    "create", "read_by_key", "read_by_person", "read_by_purpose", "read_not_objecting", "read_not_automated",
    "correct", "change_by_key", "change_by_person", "change_by_purpose",
    "delete_by_key", "delete_by_person", "delete_by_purpose", "delete_by_expiry",
    "metadata_of_person", "log_range", "verify_deletion",
)  # fmt: skip
LOGGED: dict[str, tuple[str, ...]] = {  # what a log says of each change; a new recipient ends one grant and gives one
    "create": ("kept",),
    "correct": ("kept",),
    "change_by_key": ("changed",),
    "change_by_person": ("changed",),
    "change_by_purpose": ("ended", "given"),
    "delete_by_key": ("deleted",),
    "delete_by_person": ("deleted",),
    "delete_by_purpose": ("deleted",),
    "delete_by_expiry": ("deleted",),
}


class Keeper(Protocol):
    """A system that keeps records about people."""

    name: str
    guarantees: str  # what stands behind each of its numbers
    cannot: frozenset[str]  # acts that it has no means for

    def load(self, world: World, records: Iterable[Record]) -> None:
        """Take up everything at once; not measured as an act."""
        ...

    def create(self, record: Record) -> None:
        """Keep a new record about a person who is known."""
        ...

    def read_by_key(self, key: UUID) -> str | None:
        """Return one record's data; None when there is no such record any more."""
        ...

    def read_by_person(self, person: UUID) -> dict[UUID, str]:
        """Return the data of everything about a person."""
        ...

    def read_by_purpose(self, purpose: int) -> dict[UUID, str]:
        """Return the data of everything that was collected for a purpose."""
        ...

    def read_not_objecting(self, purpose: int, use: int) -> dict[UUID, str]:
        """Return the same without the records of persons who object to a use."""
        ...

    def read_not_automated(self, purpose: int) -> dict[UUID, str]:
        """Return the same without the records that allow automated decisions."""
        ...

    def correct(self, key: UUID, data: str) -> bool:
        """Replace a record's data; False when there is no such record."""
        ...

    def change_by_key(self, key: UUID, automated: bool) -> bool:  # noqa: FBT001 - a column's value
        """Allow or forbid automated decisions on one record; False when there is no such record."""
        ...

    def change_by_person(self, person: UUID, use: int) -> None:
        """Keep the one use that a person objects to, or that they object to none."""
        ...

    def change_by_purpose(self, purpose: int, recipient: int) -> None:
        """Name the one recipient of everything that was or will be collected for a purpose."""
        ...

    def delete_by_key(self, key: UUID) -> int:
        """Delete one record and return how many went."""
        ...

    def delete_by_person(self, person: UUID) -> int:
        """Delete everything about a person, for good, and return how many records went."""
        ...

    def delete_by_purpose(self, purpose: int) -> int:
        """Delete everything that was collected for a purpose."""
        ...

    def delete_by_expiry(self, day: date) -> int:
        """Delete everything that ended on this day or before."""
        ...

    def metadata_of_person(self, person: UUID) -> dict[UUID, tuple[object, ...]]:
        """Return the metadata of everything about a person, for a regulator."""
        ...

    def log_range(self, first: int, count: int) -> list[str]:
        """Return what the log says of so many changes from the first on, counted from the load."""
        ...

    def verify_deletion(self, person: UUID) -> bool:
        """Tell, with whatever proof there is, whether nothing about this person is kept."""
        ...

    def settle(self) -> None:
        """Finish what the system does behind an act's back; counted in a role's time."""
        ...

    def everything(self) -> dict[UUID, tuple[object, ...]]:
        """Return all records as they can be read, to compare; not measured."""
        ...

    def size(self) -> int:
        """Return the bytes that lie in tables and indexes."""
        ...
