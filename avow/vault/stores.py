"""
The register of stores: every place that holds something about people, and what each must be able to do.

Why a protocol here, below all rooms: an export and an erasure walk this register and cannot leave out a room
that they never heard of. A table that no store claims fails the build.

Holds:    one store a name, in the order in which rooms register: lower rooms first, so that an erasure, which goes
          the other way, asks the vault last.
Assumes:  `forget` may be repeated, and `count` says 0 after it.
Later:    reseal (holds), scan (survivors) and simulate join this protocol with the issues that need them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID


@dataclass(frozen=True)
class Exported:
    """What a store holds of one kind, as rows that a person can read; `name` becomes a file's."""

    name: str
    title: str
    rows: tuple[Mapping[str, Any], ...]


class Store(Protocol):
    """One place that holds something about people."""

    @property
    def name(self) -> str:
        """The stable name, as catalogues and certificates use it."""
        ...

    @property
    def title(self) -> str:
        """What people read."""
        ...

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return everything that is held about this person, opened for their rights."""
        ...

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:
        """Remove everything about this person and return how many rows went; nothing the second time.

        Their key may be gone already, where a restore forgets somebody again. A restore asks about keys that are
        nobody's too (`subjects`): what lies under one that is gone must go on without it.
        """
        ...

    def count(self, person: UUID) -> int:
        """Return how many rows are about this person."""
        ...


@dataclass(frozen=True)
class Used:
    """What a store says of a person's own use in a time, in figures that their copy of everything bears out."""

    days: int  # on which there was any
    most: tuple[tuple[str, int], ...]  # what was opened and how often, the most first


@runtime_checkable
class Digests(Protocol):
    """A store that can tell a person how they used the service."""

    def digest(self, person: UUID, *, since: datetime, until: datetime, now: datetime) -> Used | None:
        """Return the figures of [since, until), opened for writing to the person; None where that may not be."""
        ...


_STORES: dict[str, Store] = {}


def register_store(store: Store) -> None:
    """Add a store; a second one of that name is refused."""
    if type(_STORES.setdefault(store.name, store)) is not type(store):
        raise ValueError(f"two stores are called {store.name}; certificates name stores, so each needs its own")


def digests() -> list[Digests]:
    """Return the stores that can tell of use."""
    return [store for store in _STORES.values() if isinstance(store, Digests)]


def stores() -> list[Store]:
    """Return all stores, lower rooms first."""
    return list(_STORES.values())
