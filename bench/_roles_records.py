"""
The records of `bench.roles`: made from a seed, the same for every system.

A record is about one person and carries what GDPRbench's does, each with its own distribution instead of the key
modulo something: the purpose it was collected for (25), the day on which it ends, whether automated decisions are
allowed, where it came from. What a company decides for a purpose (who receives it, who may read it, of which category
it is) hangs on the purpose; what a person decides (a use they object to) hangs on the person, as in law. Plain
PostgreSQL still writes all nine beside each record, as GDPRbench does.

Holds:    the same number and seed give the same records; persons are a tenth of them, and how much is about each
          follows a Zipf curve of exponent one half: at 100,000 records the first has about 500.
"""

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

PURPOSES = 25
RECIPIENTS = 10
USES = ("", "communication", "personalisation", "improvement", "analysis")  # the first: no objection
ORIGINS = 10
CATEGORIES = 10
READERS = 10
DATA = 100  # bytes of a record's personal data
FIRST_DAY = date(2026, 11, 24)  # the first on which a record can end
DAYS = 1000  # over which the records end
OBJECT = 0.1  # of all persons


@dataclass(frozen=True, slots=True)
class Record:
    """One record with its metadata."""

    key: UUID
    person: UUID
    purpose: int
    expires: date
    objects_to: int  # place in USES
    automated: bool
    shared_with: int
    readers: int
    origin: int
    category: int
    data: str

    @property
    def metadata(self) -> tuple[object, ...]:
        """What a regulator is shown of it."""
        return (
            self.purpose, self.expires, self.objects_to, self.automated, self.shared_with,
            self.readers, self.origin, self.category,
        )  # fmt: skip


@dataclass
class World:
    """Everything that is loaded before the first act, and the source of what comes later."""

    persons: list[UUID]
    objects_to: dict[UUID, int]
    shared_with: list[int]  # by purpose
    readers: list[int]
    category: list[int]
    chance: random.Random
    _shares: list[float] = field(default_factory=list)

    def somebody(self) -> UUID:
        """Return a person, the first ones more often."""
        return self.persons[bisect(self._shares, self.chance.random() * self._shares[-1])]

    def record(self, person: UUID, objects_to: int, shared_with: list[int]) -> Record:
        """Make a record about a person, under what holds for person and purpose now."""
        chance, purpose = self.chance, self.chance.randrange(PURPOSES)
        return Record(
            key=number(chance), person=person, purpose=purpose,
            expires=FIRST_DAY + timedelta(days=chance.randrange(DAYS)), objects_to=objects_to,
            automated=chance.random() < 0.5, shared_with=shared_with[purpose], readers=self.readers[purpose],
            origin=chance.randrange(ORIGINS), category=self.category[purpose], data=text(chance),
        )  # fmt: skip

    def records(self, count: int) -> Iterator[Record]:
        """Make the records to load."""
        for _ in range(count):
            person = self.somebody()
            yield self.record(person, self.objects_to[person], self.shared_with)


def world(count: int, seed: int) -> World:
    """Return who and what there is before the first record."""
    chance = random.Random(seed)  # noqa: S311 - the same world for every system is what is wanted
    persons = [number(chance) for _ in range(max(count // 10, 10))]
    objects_to = {who: chance.randrange(1, len(USES)) if chance.random() < OBJECT else 0 for who in persons}
    made = World(
        persons, objects_to,
        [chance.randrange(RECIPIENTS) for _ in range(PURPOSES)],
        [chance.randrange(READERS) for _ in range(PURPOSES)],
        [chance.randrange(CATEGORIES) for _ in range(PURPOSES)],
        chance,
    )  # fmt: skip
    made._shares = list(accumulate((place + 1) ** -0.5 for place in range(len(persons))))  # noqa: SLF001
    return made


def number(chance: random.Random) -> UUID:
    """Return a random number for a record or a person."""
    return UUID(int=chance.getrandbits(128), version=4)


def text(chance: random.Random) -> str:
    """Return the personal data of one record."""
    return chance.randbytes(DATA // 2).hex()


def changed(record: Record, **values: object) -> Record:
    """Return the record with some of its values changed."""
    return replace(record, **values)  # type: ignore[arg-type]
