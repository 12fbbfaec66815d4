"""
The nouns of an export: everything that is held about one person, with why.

Why nouns of their own between gathering and writing: the page, the JSON files and the
test of completeness read the same thing, so none of them can leave out what another shows.

Holds:    plain values only; nothing here opens or reads anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from avow.policy.purposes import Purpose


@dataclass(frozen=True)
class Governing:
    """One version of the policy, as an export names it."""

    sha256: str
    effective: str
    title: str


@dataclass(frozen=True)
class Use:
    """One purpose for which a datum may be used, and the sentence that allows it; none means it may not be, now."""

    purpose: Purpose
    words: str
    clause: str | None
    says: str | None


@dataclass(frozen=True)
class Why:
    """Why a field is held: what it is for, who receives it, until when, and what the policy promises about it."""

    category: str
    uses: tuple[Use, ...]
    required: bool
    reason: str
    recipients: tuple[str, ...]
    until: str
    promises: tuple[tuple[str, str], ...]  # clause id and sentence


@dataclass(frozen=True)
class Value:
    """A value as it was given, and the time in which it stood."""

    value: str
    since: datetime
    until: datetime | None
    source: str
    version: str


@dataclass(frozen=True)
class Field:
    """One declared field with its present value, its earlier ones, and why it is held."""

    name: str
    label: str
    current: Value | None
    earlier: tuple[Value, ...]
    why: Why
    instead: str = ""  # what is said where the value itself cannot be shown


@dataclass(frozen=True)
class Listed:
    """One kind of row that a store holds; `name` is its file."""

    name: str
    title: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Part:
    """What one store holds."""

    name: str
    title: str
    lists: tuple[Listed, ...]
    counted: int  # what the store counts; asked apart, so that a row it does not give is seen

    @property
    def withheld(self) -> int:
        """How many rows it counts and did not give."""
        return max(0, self.counted - self.rows)

    @property
    def rows(self) -> int:
        """How many rows it gave."""
        return sum(len(listed.rows) for listed in self.lists)


@dataclass(frozen=True)
class Line:
    """One entry of the log that is about the person."""

    at: datetime | None  # as the log has it; none while it is being recorded
    act: str
    words: str
    entry: UUID
    number: int | None  # its place in the log
    opening: Mapping[str, str]  # what shows that the entry is about this person


@dataclass(frozen=True)
class Copy:
    """Everything that is held about one person at one moment."""

    person: UUID
    number: str
    made_at: datetime
    company: str
    fields: tuple[Field, ...]
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]
    governing: Governing
    policy: bytes
