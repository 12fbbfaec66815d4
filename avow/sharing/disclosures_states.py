"""
Where a case of the law can stand, and every move, as data.

Holds:    nothing is packed before a second officer approved it, and nothing leaves before it is packed. After the
          hand-over its person is told, at once or on the day on which a ban to tell them ends.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    PACKED = "packed"
    HANDED_OVER = "handed-over"
    WITHHELD = "withheld"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Class(StrEnum):
    """On what a case rests; only the first is an order."""

    LEGAL_PROCESS = "legal-process"
    TERMS = "terms"
    SAFETY = "safety"


MEANING = {
    State.DRAFTED: "waits for a second officer",
    State.APPROVED: "approved by two; nothing is opened yet",
    State.PACKED: "the package is made and sealed; it has not left",
    State.HANDED_OVER: "handed over; its person is being told",
    State.WITHHELD: "handed over; telling its person is forbidden until a day",
    State.NOTIFIED: "handed over, and its person was told",
    State.WITHDRAWN: "ended without anything handed over",
    State.CLOSED: "handed over; its person was erased and could not be told",
}
CLASSES = {
    Class.LEGAL_PROCESS: "a court’s order or other legal process",
    Class.TERMS: "upholding the terms of use",
    Class.SAFETY: "somebody’s safety, property or rights",
}
MOVES: dict[State, frozenset[State]] = {
    State.DRAFTED: frozenset({State.APPROVED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.PACKED, State.WITHDRAWN}),
    State.PACKED: frozenset({State.HANDED_OVER, State.WITHDRAWN}),
    State.HANDED_OVER: frozenset({State.WITHHELD, State.NOTIFIED, State.CLOSED}),
    State.WITHHELD: frozenset({State.NOTIFIED, State.CLOSED}),
    State.NOTIFIED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.CLOSED: frozenset(),
}
LEFT = frozenset({State.HANDED_OVER, State.WITHHELD, State.NOTIFIED, State.CLOSED})
BEFORE = frozenset(State) - LEFT - {State.WITHDRAWN}


def may(start: State, to: State) -> bool:
    """Say whether a case may make this move."""
    return to in MOVES[start]
