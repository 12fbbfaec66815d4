"""
What is still owed between a text and its table: sentences without a clause, clauses without their sentence.

Why likeness is shown: most debts are a sentence that was edited after its clause
was written, and the two should be read side by side. It decides nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from avow.policy.binding import BoundPolicy
from avow.policy.clauses import Clause
from avow.policy.document import Sentence
from avow.policy.identity import likeness


class DebtCode(StrEnum):
    """What is owed."""

    UNBOUND = "unbound"  # a sentence that no clause binds
    MISSING = "missing"  # a clause whose sentence is not in the text
    DRAFT = "draft"  # a suggestion that nobody has confirmed


@dataclass(frozen=True)
class Debt:
    """One thing owed, with the sentence's id, or the clause, or both."""

    code: DebtCode
    id: str | None
    clause: str | None
    sentence: str  # what to do, for people


def debts(bound: BoundPolicy) -> list[Debt]:
    """Return what is owed, in reading order, missing clauses last."""
    return [*_owed(bound), *(_missing(clause, bound) for clause in bound.missing)]


def _owed(bound: BoundPolicy) -> Iterator[Debt]:
    for sentence, clause in bound.clauses:
        if clause is None:
            yield _unbound(sentence, bound)
        elif clause.draft:
            yield Debt(DebtCode.DRAFT, sentence.id, clause.name, f"Confirm [{clause.name}] and take its `draft` away.")


def _unbound(sentence: Sentence, bound: BoundPolicy) -> Debt:
    near = _nearest(sentence.text, [(clause.name, clause.says) for clause in bound.missing])
    if near:
        advice = f"It is worded like [{near}]; if it promises the same, put its words into that clause."
        return Debt(DebtCode.UNBOUND, sentence.id, near, f"{sentence.id} has no clause. {advice}")
    return Debt(DebtCode.UNBOUND, sentence.id, None, f"{sentence.id} has no clause; bind it in clauses.toml.")


def _missing(clause: Clause, bound: BoundPolicy) -> Debt:
    near = _nearest(clause.says, [(sentence.id, sentence.text) for sentence in bound.unbound])
    advice = f"; {near} is worded alike" if near else ""
    return Debt(DebtCode.MISSING, near, clause.name, f"The sentence of [{clause.name}] is not in the text{advice}.")


def _nearest(text: str, others: list[tuple[str, str]]) -> str | None:
    """Return the name of the most alike of these texts, or None when none is alike enough."""
    best = max(((likeness(text, other), name) for name, other in others), default=(0.0, ""), key=lambda found: found[0])
    return best[1] if best[0] else None
