"""
What a message to all can be, and what may follow; data, walked by a property test.

    draft -> going -> ended        going <-> stopped -> ended        it also ends by itself, after the last person
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a message to all stands."""

    DRAFT = "draft"
    GOING = "going"
    STOPPED = "stopped"  # it waits for somebody at the desk
    ENDED = "ended"


class Stop(StrEnum):
    """Why one stopped; the value stands in its row."""

    DESK = "desk"  # somebody said so
    LATE = "late"  # nothing went for so long that it may be out of date
    RETURNED = "returned"  # too many came back
    SPAM = "spam"  # too many called it spam


@dataclass(frozen=True)
class Move:
    """From which states an act leads to which."""

    begins: frozenset[State]
    to: State


MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "start": Move(frozenset({State.DRAFT}), State.GOING),
        "stop": Move(frozenset({State.GOING}), State.STOPPED),
        "go-on": Move(frozenset({State.STOPPED}), State.GOING),
        "end-here": Move(frozenset({State.GOING, State.STOPPED}), State.ENDED),
    }
)
