"""
Where a hold can stand, and every move it can make, as data.

Why `ending` is a state and not a task: from the moment two officers released it, or its day came, nothing may open
under it any more, though its key is still being destroyed in the other database.

Holds:    the column's CHECK, the one function that moves a hold and the property test read this table. Two states have
          no way out, and from every other one of them can be reached.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a hold stands."""

    PROPOSED = "proposed"
    STANDING = "standing"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"


MEANING = {
    State.PROPOSED: "waits for a second officer; it keeps nothing yet",
    State.STANDING: "in force",
    State.ENDING: "its key is being destroyed; nothing opens under it any more",
    State.ENDED: "ended; what it kept is destroyed",
    State.REFUSED: "never came into force",
}
MOVES: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.STANDING, State.REFUSED}),
    State.STANDING: frozenset({State.ENDING}),
    State.ENDING: frozenset({State.ENDED}),
    State.ENDED: frozenset(),
    State.REFUSED: frozenset(),
}
SIGNED = frozenset({State.STANDING, State.ENDING, State.ENDED})  # two officers placed it
KEYED = SIGNED - {State.ENDED}  # while it has a key of its own
OVER = frozenset(state for state, moves in MOVES.items() if not moves)


def may(start: State, to: State) -> bool:
    """Say whether a hold may make this move."""
    return to in MOVES[start]
