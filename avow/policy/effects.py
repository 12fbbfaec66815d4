"""
What a new text would do to what is there: one line each, counted before anybody publishes it.

Why counted by the rooms: each knows what it holds and what would move it (`foreseeing` in each); this is the form in
which they say it, so that a page, a command and a test read the same.

Does not: estimate; a number is of what is there at the moment of asking.
"""

from dataclasses import dataclass

from avow.policy.binding import BoundPolicy
from avow.policy.numbers import NUMBERS
from avow.policy.purposes import ALWAYS, Purpose


@dataclass(frozen=True)
class Effect:
    """One thing that changes, and how much there is of it."""

    about: str  # people, data, messages, use, recipients, releases
    says: str
    number: int
    unit: str  # in the singular


@dataclass(frozen=True)
class Renumbered:
    """A number that the text sets otherwise; None where it sets none."""

    name: str
    means: str
    before: int | None
    after: int | None


def dropped(before: BoundPolicy, after: BoundPolicy) -> list[Purpose]:
    """Return the purposes that the new text names no more."""
    return sorted(before.purposes - after.purposes - ALWAYS)


def added(before: BoundPolicy, after: BoundPolicy) -> list[Purpose]:
    """Return the purposes that the new text names and the one before did not."""
    return sorted(after.purposes - before.purposes - ALWAYS)


def renumbered(before: BoundPolicy, after: BoundPolicy) -> list[Renumbered]:
    """Return the numbers that change."""
    found = [Renumbered(name, means, _value(before, name), _value(after, name)) for name, means in NUMBERS.items()]
    return [one for one in found if one.before != one.after]


def _value(bound: BoundPolicy, name: str) -> int | None:
    number = bound.number(name)
    return number.value if number else None
