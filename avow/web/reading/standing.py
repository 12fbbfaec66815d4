"""
Where every sentence stands now, in the order of the text.

Holds:    two queries for the whole policy, however long it is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.urls import reverse

from avow.evidence import states
from avow.evidence.states import Evidence, State
from avow.policy.binding import BoundPolicy
from avow.policy.clauses import Clause
from avow.policy.document import Sentence
from avow.web.pictures import marks

NOT_BOUND = Evidence(State.NO_MECHANISM, "Nobody has said yet what this sentence binds the service to.")
NOTHING_TO_TEST = "This sentence says something and promises nothing, so there is nothing to test."


@dataclass(frozen=True)
class Standing:
    """One sentence, what it is bound to, and what is known about it."""

    sentence: Sentence
    clause: Clause | None
    evidence: Evidence | None

    @property
    def id(self) -> str:
        """The sentence's address in the text."""
        return self.sentence.id

    @property
    def shown(self) -> marks.Shown:
        """How its state looks and reads."""
        return marks.shown_as(self.evidence and self.evidence.state)

    @property
    def id_and_word(self) -> str:
        """Its address and state in one breath, for a screen reader."""
        return f"Sentence {self.id}: {self.shown.word}"

    @property
    def why(self) -> str:
        """Why its state is what it is."""
        return self.evidence.why if self.evidence else NOTHING_TO_TEST

    @property
    def says(self) -> str:
        """What it binds the service to, in words."""
        meanings = "; ".join(promise.meaning for promise in self.clause.promises) if self.clause else ""
        return meanings[:1].upper() + meanings[1:] + "." if meanings else ""

    @property
    def path(self) -> str:
        """The page that shows its proof."""
        return reverse("sentence", args=[self.id])


@dataclass(frozen=True)
class Section:
    """Sentences that stand under one number."""

    name: str
    sentences: tuple[Standing, ...]


def standings(bound: BoundPolicy, now: datetime) -> list[Standing]:
    """Return every sentence with what is known about it."""
    promised = {promise for _, clause in bound.clauses if clause for promise in clause.promises}
    known = states.states(promised, now)

    def judge(clause: Clause | None) -> Evidence | None:
        if clause is None:
            return NOT_BOUND
        if clause.promises and clause.needs_mechanism:
            return states.together(clause.promises, known)
        return states.state_of_clause(clause, now)

    return [Standing(sentence, clause, judge(clause)) for sentence, clause in bound.clauses]


def sections(found: Iterable[Standing]) -> list[Section]:
    """Group neighbours by the number of their section: 3a.6 stands under 3a."""
    grouped = groupby(found, key=lambda standing: standing.id.rpartition(".")[0])
    return [Section("opening" if name == "0" else f"§\u00a0{name}", tuple(group)) for name, group in grouped]


def counts(found: Sequence[Standing]) -> list[tuple[marks.Shown, int]]:
    """Count the sentences in each state that occurs, what needs attention first."""
    counted = Counter(standing.shown.name for standing in found)
    return [(shown, counted[shown.name]) for shown in marks.IN_ORDER if counted[shown.name]]
