"""
The nouns of an export: everything that is held about one person, with why.

Why nouns of their own between gathering and writing: the page, the JSON files and the
test of completeness read the same thing, so none of them can leave out what another shows.

Holds:    plain values only; nothing here opens or reads anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from avow.policy.purposes import Purpose


@dataclass(frozen=True)
class Governing:
    """One version of the policy, as an export names it."""

    sha256: str
    effective: str
    title: str


class Standing(StrEnum):
    """Whether a datum is used for a purpose, at this moment."""

    USED = "used"
    NOT_ALLOWED = "not allowed"  # no sentence of the policy in force names the purpose
    REFUSED = "refused"  # the person said no


@dataclass(frozen=True)
class Use:
    """One purpose for which a field is declared, the sentence that allows it, and whether it is used so now."""

    purpose: Purpose
    words: str
    clause: str | None
    says: str | None
    standing: Standing


@dataclass(frozen=True)
class Allowed:
    """One sentence of the policy with the uses that it allows."""

    clause: str
    says: str
    words: tuple[str, ...]


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

    @property
    def allowed(self) -> tuple[Allowed, ...]:
        """The sentences that allow the uses there are, each once."""
        used = [use for use in self.uses if use.standing is Standing.USED]
        sentences = dict.fromkeys((use.clause or "", use.says or "") for use in used)
        return tuple(
            Allowed(clause, says, tuple(use.words for use in used if use.clause == clause))
            for clause, says in sentences
        )

    @property
    def unused(self) -> tuple[Use, ...]:
        """The uses that do not take place."""
        return tuple(use for use in self.uses if use.standing is not Standing.USED)

    def standing(self, purpose: Purpose) -> Standing | None:
        """Whether the field is used for a purpose; None: it was never meant for that."""
        return next((use.standing for use in self.uses if use.purpose is purpose), None)


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

    @property
    def purposes(self) -> tuple[tuple[str, tuple[Standing | None, ...]], ...]:
        """One row for each purpose that any field has: its words, and how it stands with each field."""
        words = {use.purpose: use.words for field in self.fields for use in field.why.uses}
        there = [purpose for purpose in Purpose if purpose in words]
        return tuple((words[each], tuple(field.why.standing(each) for field in self.fields)) for each in there)
