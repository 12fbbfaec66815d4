"""
What an examination finds: a name, one of three states, a sentence, and what to do.

Holds:    whatever is not ok says what to do; nothing names a person.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WEAK = "weak"  # works, and protects less than it could
    WRONG = "wrong"  # does not work, or not for long


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    says: str
    remedy: str = ""

    def __post_init__(self) -> None:
        """See that a complaint comes with a remedy."""
        assert self.state is State.OK or self.remedy, f"{self.name} complains without a remedy"


def ok(name: str, says: str) -> Finding:
    """Say that nothing is to do."""
    return Finding(name, State.OK, says)


def weak(name: str, says: str, remedy: str) -> Finding:
    """Say that it works and could be stronger."""
    return Finding(name, State.WEAK, says, remedy)


def wrong(name: str, says: str, remedy: str) -> Finding:
    """Say that it does not work."""
    return Finding(name, State.WRONG, says, remedy)
