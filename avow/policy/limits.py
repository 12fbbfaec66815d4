"""
Refuse a setting that would be laxer than the policy.

Why at the start and not in each act: a service that begins with a wrong number
has already broken its promise when the first act reads it.

Holds:    a setting may be stricter than the clause, never laxer. A setting that is not
          given (None) takes the clause's number, so it never exceeds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from avow.policy.binding import BoundPolicy
from avow.policy.numbers import AT_LEAST


@dataclass(frozen=True)
class Exceeded:
    """One setting that breaks one clause."""

    setting: str
    value: int
    clause: str  # its name in the table
    at: str  # the sentence's id
    most: int

    def __str__(self) -> str:
        """Say it to whoever starts the service."""
        return f"{self.setting} = {self.value} breaks §{self.at} ({self.clause}), which allows {self.most} at most."


def exceeded(settings: Mapping[str, int | None], bound: BoundPolicy) -> list[Exceeded]:
    """Return each setting, named as the numbers are, that goes beyond the strictest clause."""
    found = []
    for setting, value in settings.items():
        if setting.lower() in AT_LEAST:
            continue  # nothing of the environment sets one of these
        number = bound.number(setting.lower())
        if number is not None and value is not None and value > number.value:
            sentence = bound.sentence_of(number.clause.name)
            at = sentence.id if sentence else number.clause.at or ""
            found.append(Exceeded(setting, value, number.clause.name, at, number.value))
    return found
