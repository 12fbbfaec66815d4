"""
Which number a heading has: 3, then 3a, then 3a1.

Why structure and not position in the file: ids are what people quote. A section's
own number is used where it has one, since that is what they will quote anyway.

Holds:    no two headings share a number; section 0 is what stands before the first.
          A single heading above all others is the title and opens no section.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

OWN_NUMBER = re.compile(
    r"(?:(?:§|section|article|artikel|abschnitt|sección|sezione)\s*)?0*([1-9]\d{0,2})[.):](?!\d)", re.IGNORECASE
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Place:
    """Where a heading stands in the outline; depth 0 is the title."""

    section: str
    depth: int


def places(headings: Sequence[tuple[int, str]], *, text_before: bool = False) -> list[Place]:
    """Return the place of each (level, text), in order; text before the first heading speaks against a title."""
    rest = list(headings)
    found: list[Place] = []
    if not text_before and is_title(headings):
        found, rest = [Place("", 0)], rest[1:]
    return found + _numbered(rest, _depths([level for level, _ in rest]))


def is_title(headings: Sequence[tuple[int, str]]) -> bool:
    """Say whether the first heading stands alone above all others."""
    if not headings or OWN_NUMBER.match(headings[0][1]):
        return False
    return all(level > headings[0][0] for level, _ in headings[1:])


def _depths(levels: Sequence[int]) -> list[int]:
    above: list[int] = []
    depths = []
    for level in levels:
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        depths.append(len(above))
    return depths


def _numbered(headings: Sequence[tuple[int, str]], depths: Sequence[int]) -> list[Place]:
    own = [_own_number(text) if depth == 1 else None for (_, text), depth in zip(headings, depths, strict=True)]
    reserved = {number for number in own if number}
    free = (n for n in count(1) if n not in reserved)
    taken: set[int] = set()
    above: list[str] = []
    counts: dict[str, int] = {}
    found = []
    for depth, number in zip(depths, own, strict=True):
        del above[depth - 1 :]
        above.append(_top(number, taken, free) if depth == 1 else _below(above[-1], depth, counts))
        found.append(Place(above[-1], depth))
    return found


def _own_number(text: str) -> int | None:
    found = OWN_NUMBER.match(text.strip())
    return int(found.group(1)) if found else None


def _top(number: int | None, taken: set[int], free: Iterator[int]) -> str:
    """Take the section's own number when it is still free, else the next that nobody claims."""
    if number is None or number in taken:
        number = next(free)
    taken.add(number)
    return str(number)


def _below(parent: str, depth: int, counts: dict[str, int]) -> str:
    counts[parent] = counts.get(parent, 0) + 1
    return parent + (letters(counts[parent]) if depth % 2 == 0 else str(counts[parent]))


def letters(number: int) -> str:
    """Count in letters: a … z, aa, ab …"""
    written = ""
    while number:
        number, rest = divmod(number - 1, len(LETTERS))
        written = LETTERS[rest] + written
    return written
