"""
Where a request can stand, and every move it can make, as data.

Why data: the column's CHECK, the one function that moves a request, the diagram
in docs/explanation/life-of-a-request.md and the property test all read this
table, so none of them can drift from the others.

Holds:    business states only. Waiting for the log, or for a store that is
          down, is a task and not a state.
          From every open state an end can be reached; from an end, nothing.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What was asked for."""

    ACCESS = "access"
    ERASURE = "erasure"


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    ERASING = "erasing"
    ERASED = "erased"
    COMPLETE = "complete"
    WITHDRAWN = "withdrawn"


MEANING = {
    State.ASKED: "received; the clock runs; nothing has been destroyed",
    State.ERASING: "the person is frozen, what must be known later is sealed, and each store is forgetting",
    State.ERASED: "every store has forgotten and the person's key is gone; the certificate is being recorded",
    State.COMPLETE: "answered; the request names nobody any more",
    State.WITHDRAWN: "ended unanswered, because the person was erased by another request",
}

MOVES: dict[Kind, dict[State, frozenset[State]]] = {
    Kind.ACCESS: {
        State.ASKED: frozenset({State.COMPLETE, State.WITHDRAWN}),
        State.COMPLETE: frozenset(),
        State.WITHDRAWN: frozenset(),
    },
    Kind.ERASURE: {
        State.ASKED: frozenset({State.ERASING}),
        State.ERASING: frozenset({State.ERASED}),
        State.ERASED: frozenset({State.COMPLETE}),
        State.COMPLETE: frozenset(),
    },
}

OPEN = frozenset({State.ASKED, State.ERASING, State.ERASED})
CLOSED = frozenset(State) - OPEN


def may(kind: Kind, start: State, to: State) -> bool:
    """Say whether a request of this kind may make this move."""
    return to in MOVES[kind].get(start, frozenset())


def diagram() -> str:
    """Draw the moves as a mermaid diagram, for the page that explains the life of a request."""
    lines = ["stateDiagram-v2"]
    for kind, moves in MOVES.items():
        lines.append(f"    state {kind.value} {{")
        lines.append(f"        [*] --> {_node(kind, State.ASKED)}")
        lines += [f"        {_node(kind, state)}: {state.value}" for state in moves]
        for start, ends in moves.items():
            lines += [f"        {_node(kind, start)} --> {_node(kind, to)}" for to in sorted(ends)]
            lines += [] if ends else [f"        {_node(kind, start)} --> [*]"]
        lines.append("    }")
    return "\n".join(lines)


def _node(kind: Kind, state: State) -> str:
    """Name a node: the same state in two kinds is two nodes."""
    return f"{kind.value}_{state.value}"
