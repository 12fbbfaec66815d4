"""
What is right: the same acts on a plain dict, and the comparison that lets no number through beside a wrong answer.

Why answers become digests: an answer can be some thousand rows, and there are thousands of answers; the oracle walks
once ahead of all systems, and each system's answer is held against a digest of the right one, outside of the clock.

Holds:    the first wrong answer of a system ends the run, and so does a state that differs after a role, also
          where every answer was right.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bench._roles_acts import LOGGED
from bench._roles_records import Record, World, changed


class WrongAnswer(Exception):
    """A system answered otherwise than the oracle, so nothing that was measured counts."""


@dataclass(frozen=True)
class Step:
    """One act with its arguments and the digest of the right answer."""

    act: str
    arguments: tuple[Any, ...]
    right: bytes


def digest(answer: Any) -> bytes:
    """Return one digest for one answer, in whatever order its rows came."""
    rows = sorted(answer.items()) if isinstance(answer, Mapping) else answer
    return hashlib.sha256(repr(rows).encode()).digest()


def check(keeper: str, step: Step, answer: Any) -> None:
    """Raise unless the answer is the right one."""
    if digest(answer) != step.right:
        raise WrongAnswer(f"{keeper} answered {step.act} wrongly; no number of this run counts.")


class Oracle:
    """The records as they should be, after every act so far."""

    def __init__(self, world: World, records: Iterable[Record]) -> None:
        self.records: dict[UUID, Record] = {}
        self.of_person: dict[UUID, set[UUID]] = {}
        self.for_purpose: dict[int, set[UUID]] = {}
        self.objects_to = dict(world.objects_to)
        self.shared_with = list(world.shared_with)
        self.log: list[str] = []
        self.gone: list[UUID] = []  # persons, in the order in which they went
        self.keys_gone: list[UUID] = []
        for record in records:
            self._keep(record)

    def walk(self, act: str, *arguments: Any) -> Step:
        """Do an act and return it as a step for the systems."""
        answer = getattr(self, act)(*arguments)
        self.log += LOGGED.get(act, ())
        return Step(act, arguments, digest(answer))

    def create(self, record: Record) -> None:
        self._keep(record)

    def read_by_key(self, key: UUID) -> str | None:
        found = self.records.get(key)
        return found.data if found else None

    def read_by_person(self, person: UUID) -> dict[UUID, str]:
        return {record.key: record.data for record in self._about(person)}

    def read_by_purpose(self, purpose: int) -> dict[UUID, str]:
        return {record.key: record.data for record in self._collected_for(purpose)}

    def read_not_objecting(self, purpose: int, use: int) -> dict[UUID, str]:
        rows = self._collected_for(purpose)
        return {record.key: record.data for record in rows if self.objects_to[record.person] != use}

    def read_not_automated(self, purpose: int) -> dict[UUID, str]:
        return {record.key: record.data for record in self._collected_for(purpose) if not record.automated}

    def correct(self, key: UUID, data: str) -> bool:
        return self._change(key, data=data)

    def change_by_key(self, key: UUID, automated: bool) -> bool:  # noqa: FBT001 - a column's value
        return self._change(key, automated=automated)

    def change_by_person(self, person: UUID, use: int) -> None:
        self.objects_to[person] = use

    def change_by_purpose(self, purpose: int, recipient: int) -> None:
        self.shared_with[purpose] = recipient

    def delete_by_key(self, key: UUID) -> int:
        return self._delete([key])

    def delete_by_person(self, person: UUID) -> int:
        self.gone.append(person)
        return self._delete(list(self.of_person.get(person, ())))

    def delete_by_purpose(self, purpose: int) -> int:
        return self._delete(list(self.for_purpose.get(purpose, ())))

    def delete_by_expiry(self, day: date) -> int:
        return self._delete([key for key, record in self.records.items() if record.expires <= day])

    def metadata_of_person(self, person: UUID) -> dict[UUID, tuple[object, ...]]:
        return {record.key: self._now(record).metadata for record in self._about(person)}

    def log_range(self, first: int, count: int) -> list[str]:
        return self.log[first : first + count]

    def verify_deletion(self, person: UUID) -> bool:
        return not self.of_person.get(person)

    def everything(self) -> dict[UUID, tuple[object, ...]]:
        """Return every record as it should be."""
        return {key: (*self._now(record).metadata, record.data) for key, record in self.records.items()}

    def _now(self, record: Record) -> Record:
        return changed(record, objects_to=self.objects_to[record.person], shared_with=self.shared_with[record.purpose])

    def _about(self, person: UUID) -> list[Record]:
        return [self.records[key] for key in self.of_person.get(person, ())]

    def _collected_for(self, purpose: int) -> list[Record]:
        return [self.records[key] for key in self.for_purpose.get(purpose, ())]

    def _keep(self, record: Record) -> None:
        self.records[record.key] = record
        self.of_person.setdefault(record.person, set()).add(record.key)
        self.for_purpose.setdefault(record.purpose, set()).add(record.key)

    def _change(self, key: UUID, **values: object) -> bool:
        if key not in self.records:
            return False
        self.records[key] = changed(self.records[key], **values)
        return True

    def _delete(self, keys: list[UUID]) -> int:
        for key in keys:
            record = self.records.pop(key)
            self.of_person[record.person].discard(key)
            self.for_purpose[record.purpose].discard(key)
        self.keys_gone += sorted(keys)[:100]
        return len(keys)
