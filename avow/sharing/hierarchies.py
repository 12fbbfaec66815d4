"""
How a column's values are made coarser, level by level.

Why written down for each column: what "Germany" may become is a decision of people, and the same decision for every
release keeps releases comparable.

Holds:    level 0 is the value itself; each level groups the one below it and never splits it, so a table that is made
          coarser never isolates more people than before.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avow.errors import BadInput

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Hierarchy:
    """One column's values, each with what it becomes at every level."""

    name: str
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Refuse what is no hierarchy."""
        lengths = {len(row) for row in self.rows}
        if not self.rows or len(lengths) != 1 or len({row[0] for row in self.rows}) != len(self.rows):
            raise BadInput(f"The hierarchy of {self.name} needs each value once, with the same number of levels.")
        for lower, upper in zip(self.levels, self.levels[1:], strict=False):
            if len(set(zip(lower, upper, strict=True))) != len(set(lower)):
                raise BadInput(f"The hierarchy of {self.name} splits at a higher level what a lower one joined.")

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The labels of all values, level by level."""
        return tuple(zip(*self.rows, strict=True))

    @cached_property
    def labelled(self) -> dict[str, tuple[str, ...]]:
        """Each value with its labels."""
        return {row[0]: row for row in self.rows}

    @cached_property
    def depth(self) -> int:
        """How many levels there are."""
        return len(self.rows[0])

    @cached_property
    def numbered(self) -> list[Codes]:
        """For each level, the number of the group that each value belongs to."""
        return [np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64) for labels in self.levels]

    @cached_property
    def loss(self) -> list[NDArray[np.float64]]:
        """For each level, what is lost of each value: the share of all other values it can be mistaken for (NCP)."""
        others = max(len(self.rows) - 1, 1)
        return [(np.bincount(groups)[groups] - 1) / others for groups in self.numbered]

    def codes(self, values: Iterable[object]) -> Codes:
        """Return the place of each value; one that is not in the hierarchy is refused, and not repeated."""
        places = {row[0]: place for place, row in enumerate(self.rows)}
        try:
            return np.fromiter((places[value] for value in values), dtype=np.int64)  # type: ignore[index]
        except (KeyError, TypeError):
            raise BadInput(
                f"The column {self.name} holds a value that its hierarchy does not know; add it there, or drop the row."
            ) from None


def of(name: str, *rows: Sequence[str]) -> Hierarchy:
    """Return a hierarchy that is written in code."""
    return Hierarchy(name, tuple(tuple(row) for row in rows))


def read(name: str, file: Path) -> Hierarchy:
    """Read a hierarchy from a file with one value a line, its levels after it, separated by semicolons."""
    with file.open(newline="", encoding="utf-8") as lines:
        return Hierarchy(name, tuple(tuple(row) for row in csv.reader(lines, delimiter=";") if row))
