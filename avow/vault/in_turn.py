"""
Do the same for many, so that one that fails holds up no other.

Why raise at the end and not log: whoever called, the queue or a person at a shell, must learn that not all was done.

Holds:    each has its turn, in the order given; the first failure is raised when all have had it. What `act` commits by
          itself stays done.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

Each = TypeVar("Each")
Done = TypeVar("Done")


def in_turn(many: Iterable[Each], act: Callable[[Each], Done]) -> list[Done]:
    """Do it for each; return what came of it, or raise the first failure after the last."""
    done: list[Done] = []
    first: Exception | None = None
    for each in list(many):
        try:
            done.append(act(each))
        except Exception as raised:  # noqa: BLE001 - raised below, when the others have had their turn
            first = first or raised
    if first is not None:
        raise first
    return done
