"""
What each sentence of a policy is bound to: the nouns of `clauses.toml`.

Why a table beside the text: lawyers edit plain Markdown and engineers edit the
table; the check demands that the two match word for word.

Holds:    names, places and sentences in a table are told apart: no two clauses claim
          the same place. A statement has no promises.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from avow.policy.categories import Category
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.policy.words import fingerprint

FORMAT = "avow.clauses/1"


class Kind(StrEnum):
    """What a sentence does; only a statement needs no mechanism."""

    DATE = "date"
    PROMISE = "promise"
    PROHIBITION = "prohibition"
    LIMIT = "limit"
    PERMISSION = "permission"
    FACT = "fact"  # says how things are, so they must be so
    PROCEDURE = "procedure"
    CLAIM = "claim"  # says that something has a legal effect
    READER = "reader"  # what the reader should do
    DISCLAIMER = "disclaimer"
    STATEMENT = "statement"  # promises nothing that could be kept or broken


@dataclass(frozen=True)
class Clause:
    """One sentence and what it binds the service to."""

    name: str  # stable; used by code, evidence and addresses
    kind: Kind
    says: str  # the published sentence, word for word
    at: str | None = None  # its id in this version; None: wherever it stands
    promises: tuple[Promise, ...] = ()
    also: tuple[str, ...] = ()  # fingerprints of other wordings that bind to the same, in hex
    purposes: tuple[Purpose, ...] = ()
    categories: tuple[Category, ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()
    why: str = ""
    draft: bool = False  # suggested by a rule, not yet confirmed by anyone
    line: int = 0  # in the table

    @property
    def hashes(self) -> frozenset[str]:
        """The fingerprints of all wordings that this clause knows."""
        return frozenset({fingerprint(self.says), *self.also})

    @property
    def needs_mechanism(self) -> bool:
        """Whether something must keep this sentence."""
        return self.kind is not Kind.STATEMENT


@dataclass(frozen=True)
class ClauseTable:
    """All clauses of one policy version, with what the header says of it."""

    name: str  # for messages: the file's path
    sha256: str  # of its bytes
    clauses: tuple[Clause, ...]
    policy: str | None = None  # the text's file, beside the table
    effective: date | None = None
    company: str | None = None
    contact: str | None = None
