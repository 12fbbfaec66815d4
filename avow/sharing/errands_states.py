"""
What an errand to an agent can be, where it can stand, and every move, as data.

Holds:    business states only: an endpoint that is down leaves an errand waiting. From every state but an end, an end
          can be reached; what failed can be taken up again by hand, or withdrawn.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an errand is about."""

    DELIVERY = "delivery"  # the granted fields, so that the agent can do its part
    CORRECTION = "correction"  # a field that the agent has, as its person corrected it
    DELETION = "deletion"  # the person was erased: delete what you have


class State(StrEnum):
    """Where an errand stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


MEANING = {
    State.WAITING: "waits for the agent’s endpoint",
    State.DELIVERED: "the agent has taken it",
    State.REFUSED: "not sent: no grant or permission stood any more",
    State.FAILED: "the agent’s endpoint did not take it at any try",
    State.WITHDRAWN: "not needed any more",
}
MOVES: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.DELIVERED, State.REFUSED, State.FAILED, State.WITHDRAWN}),
    State.FAILED: frozenset({State.WAITING, State.WITHDRAWN}),
    State.DELIVERED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
TRIES = 8  # the last about a day after the first


def may(start: State, to: State) -> bool:
    """Say whether an errand may make this move."""
    return to in MOVES[start]
