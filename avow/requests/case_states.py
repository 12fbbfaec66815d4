"""
Where a case can stand, and every move it can make, as data; what it can be about, and how it can end.

Why beside `states` and not in it: a request is what the service does by itself; a case is a conversation that
may lead to one.

Holds:    from every open state the end can be reached; from the end, nothing. Nothing that was asked of us ends
          without an answer: only who is erased takes their questions along.
"""

from enum import StrEnum


class CaseKind(StrEnum):
    """What a case is about."""

    ACCESS = "access"
    ERASURE = "erasure"
    STOP = "stop"  # no more messages
    CORRECTION = "correction"
    QUESTION = "question"
    UNSURE = "unsure"  # a person reads it and decides


class CaseState(StrEnum):
    """Where a case stands."""

    CONFIRMING = "confirming"
    DESK = "desk"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a case ended."""

    DONE = "done"  # what was asked for was done
    ANSWERED = "answered"
    TOLD = "told"  # an address that is nobody's was told what to do
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"  # its person was erased


MEANING = {
    CaseState.CONFIRMING: "waits for a confirmation at the address on file",
    CaseState.DESK: "waits for somebody of the company to answer",
    CaseState.ANSWERED: "answered; open for what comes back",
    CaseState.CLOSED: "closed",
}
KIND_WORDS = {
    CaseKind.ACCESS: "a copy of all that is held",
    CaseKind.ERASURE: "erasure",
    CaseKind.STOP: "no more messages",
    CaseKind.CORRECTION: "a correction",
    CaseKind.QUESTION: "a question",
    CaseKind.UNSURE: "something that a person reads first",
}
OUTCOME_WORDS = {
    Outcome.DONE: "done as asked",
    Outcome.ANSWERED: "answered",
    Outcome.TOLD: "told how to ask",
    Outcome.UNCONFIRMED: "nobody confirmed it in time; nothing was done",
    Outcome.WITHDRAWN: "ended with the erasure of its person",
}

MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.CONFIRMING: frozenset({CaseState.DESK, CaseState.CLOSED}),
    CaseState.DESK: frozenset({CaseState.CONFIRMING, CaseState.ANSWERED, CaseState.CLOSED}),
    CaseState.ANSWERED: frozenset({CaseState.DESK, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
}
OPEN = frozenset(CaseState) - {CaseState.CLOSED}
CONFIRMED_BY_MAIL = frozenset({CaseKind.ACCESS, CaseKind.ERASURE})


def may(start: CaseState, to: CaseState) -> bool:
    """Say whether a case may make this move."""
    return to in MOVES[start]


def about(kind: str) -> str:
    """Say what a case is about, as its person and the desk both read it."""
    return KIND_WORDS[CaseKind(kind)].capitalize()


def stands(state: str, outcome: str) -> str:
    """Say where a case stands, or how it ended."""
    return OUTCOME_WORDS[Outcome(outcome)] if outcome else MEANING[CaseState(state)]
