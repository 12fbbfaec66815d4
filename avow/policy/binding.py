"""
Put a policy text and its clause table together.

Why by words and not by place: a section moves and its sentences must not lose
their clauses. A sentence is bound when its words are those of a clause, or one of
the other wordings that the clause knows by hash.

Holds:    every sentence has at most one clause and every clause at most one sentence.
          A bound sentence is called what the clause's `at` says; an unbound one
          keeps its place's id, or the next free number of its section when that
          name is taken. Ids stay unique.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from avow.errors import BindingWrong
from avow.policy.clauses import Clause, ClauseTable
from avow.policy.document import Document, Sentence
from avow.policy.numbers import AT_LEAST
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.policy.reading_clauses import read_clauses


@dataclass(frozen=True)
class Number:
    """A number and the clause that sets it."""

    name: str
    value: int
    clause: Clause


@dataclass(frozen=True)
class BoundPolicy:
    """A text whose sentences know their clauses; `sha256` names text and table together."""

    document: Document
    table: ClauseTable
    clauses: tuple[tuple[Sentence, Clause | None], ...]
    sha256: str

    @cached_property
    def _by_id(self) -> dict[str, Clause | None]:
        return {sentence.id: clause for sentence, clause in self.clauses}

    @cached_property
    def bound(self) -> tuple[Clause, ...]:
        """The clauses whose sentences stand in the text, in reading order."""
        return tuple(clause for _, clause in self.clauses if clause)

    @cached_property
    def purposes(self) -> frozenset[Purpose]:
        """What the text lets personal data be used for."""
        return frozenset(purpose for clause in self.bound for purpose in clause.purposes)

    @cached_property
    def unbound(self) -> tuple[Sentence, ...]:
        """The sentences without a clause."""
        return tuple(sentence for sentence, clause in self.clauses if clause is None)

    @cached_property
    def missing(self) -> tuple[Clause, ...]:
        """The clauses whose sentence is not in the text."""
        there = {clause.name for clause in self.bound}
        return tuple(clause for clause in self.table.clauses if clause.name not in there)

    def clause_of(self, sentence_id: str) -> Clause | None:
        """Return the clause of a sentence, or None when it has none or there is no such sentence."""
        return self._by_id.get(sentence_id)

    def sentence_of(self, clause_name: str) -> Sentence | None:
        """Return the sentence of a clause, or None when it is not in the text."""
        return next((s for s, clause in self.clauses if clause and clause.name == clause_name), None)

    def by_promise(self, promise: Promise) -> tuple[Clause, ...]:
        """Return the clauses that make this promise, in reading order."""
        return tuple(clause for clause in self.bound if promise in clause.promises)

    def number(self, name: str) -> Number | None:
        """Return a number that the text's clauses set, the strictest where several do, or None."""
        found = [Number(name, value, c) for c in self.bound for key, value in c.numbers if key == name]
        strictest = max if name in AT_LEAST else min
        return strictest(found, key=lambda number: number.value, default=None)


def bind(document: Document, table: ClauseTable) -> BoundPolicy:
    """Bind each sentence to its clause; raises BindingWrong when a clause fits two and does not say which."""
    clauses = _match(document, table)
    sentences = _named(document.sentences, clauses)
    pairs = tuple((sentence, clauses.get(i)) for i, sentence in enumerate(sentences))
    both = sha256(f"avow.policy/1\n{document.source_sha256}\n{table.sha256}\n".encode()).hexdigest()
    return BoundPolicy(replace(document, sentences=sentences), table, pairs, both)


def find_table(document: Document, roots: Sequence[Path]) -> Path | None:
    """Return the table under these folders that knows most of the sentences, at least half; None when none does."""
    tables = [path for root in roots for path in sorted(root.glob("*/clauses.toml"))]
    return best_table(document, tables)


def best_table(document: Document, paths: Iterable[Path]) -> Path | None:
    """Return the one of these tables that knows most of the sentences, at least half; the first of equals."""
    scored = [(known(document, read_clauses(path)), path) for path in paths]
    best = max(scored, key=lambda score: score[0], default=None)
    return best[1] if best and best[0] * 2 >= len(document.sentences) else None


def known(document: Document, table: ClauseTable) -> int:
    """Count the sentences that a table knows by their words."""
    hashes = {digest for clause in table.clauses for digest in clause.hashes}
    return sum(sentence.sha256 in hashes for sentence in document)


def _match(document: Document, table: ClauseTable) -> dict[int, Clause]:
    """Give sentences their clauses: first where words and place agree, then in reading order."""
    found: dict[int, Clause] = {}
    by_hash: dict[str, list[int]] = defaultdict(list)
    for i, sentence in enumerate(document.sentences):
        by_hash[sentence.sha256].append(i)
    rest = []
    for clause in table.clauses:
        places = [i for digest in clause.hashes for i in by_hash[digest]]
        here = next((i for i in places if document.sentences[i].id == clause.at and i not in found), None)
        if here is not None:
            found[here] = clause
        elif places:
            rest.append((clause, sorted(places)))
    for clause, places in rest:
        _place(document, table, clause, [i for i in places if i not in found], found)
    return found


def _place(document: Document, table: ClauseTable, clause: Clause, free: list[int], found: dict[int, Clause]) -> None:
    if len(free) > 1 and clause.at is None:
        ids = " and ".join(document.sentences[i].id for i in free[:2])
        raise BindingWrong(
            f"{table.name}, line {clause.line}: the sentence of [{clause.name}] stands at {ids}; "
            "add `at` to say which is meant."
        )
    if free:
        found[free[0]] = clause


def _named(sentences: Sequence[Sentence], clauses: dict[int, Clause]) -> tuple[Sentence, ...]:
    """Give each sentence its id: its clause's place, else its own place, else the next free one after it."""
    ids = {i: clause.at for i, clause in clauses.items() if clause.at}
    taken = set(ids.values())
    others = [i for i in range(len(sentences)) if i not in ids]
    displaced = [i for i in others if sentences[i].id in taken]
    ids |= {i: sentences[i].id for i in others if sentences[i].id not in taken}
    taken = set(ids.values())
    for i in displaced:
        ids[i] = _free(sentences[i].id, taken)
        taken.add(ids[i])
    return tuple(replace(sentence, id=ids[i]) for i, sentence in enumerate(sentences))


def _free(wanted: str, taken: set[str]) -> str:
    section, _, number = wanted.rpartition(".")
    n = int(number)
    while f"{section}.{n}" in taken:
        n += 1
    return f"{section}.{n}"
