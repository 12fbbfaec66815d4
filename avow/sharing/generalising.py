"""
Rows that are nobody's: made coarser until each looks like at least k others, and hidden where that is not enough.

    rows → best levels (searching) → rows of small classes left out → measured again → shuffled

Why measured again from what comes out: that the search is right is one thing, that these very rows are anonymous
another; the second is what a partner holds.

Holds:    in what comes out every combination of the columns that somebody may know belongs to at least k rows, no
          predicate over up to three of them fits a single row, and each class has at least two values of what is
          sensitive. Rows carry no number and no time, and their order is drawn with a key.
Assumes:  a row is a person. For use it is: a week at most, and the weekday is never made coarser, so the rows of one
          class are of one day, on which each person has one name.
"""

import csv
import hmac
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from avow.errors import Refused
from avow.policy.promises import Promise, keeps
from avow.sharing.hierarchies import Hierarchy
from avow.sharing.searching import Found, Model, Node, Search, table_of

SUPPRESSED = 0.05  # the share of rows that may be left out
ENOUGH = 10  # times k rows at least, or a release says more about who is missing than about use
KNOWN = 3  # columns that somebody may know of a person
Rows = Sequence[Mapping[str, str]]


class NotAnonymous(Refused):
    """These rows cannot be given: somebody could be told apart in them."""

    code = "not-anonymous"


@dataclass(frozen=True)
class Anonymous:
    """Rows that may leave, and how they came to be so."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    found: Found
    before: int  # predicates over up to three columns that fitted one row alone
    smallest: int  # rows of the smallest class


@keeps(Promise.ANONYMISED_RELEASE)
def anonymise(
    rows: Rows, ladders: Sequence[Hierarchy], *, k: int, sensitive: Sequence[str], key: bytes, pinned: Node = ()
) -> Anonymous:
    """Return the rows as they may leave; raises NotAnonymous with the reason when there is no such way."""
    if len(rows) < ENOUGH * k:
        raise NotAnonymous(
            f"There are fewer than {ENOUGH * k} rows, ten times k, so that too few people would hide each other: "
            "take more days, or give figures instead."
        )
    known = [ladder for ladder in ladders if ladder.name not in sensitive]
    found = _search(rows, known, k, sensitive, pinned)
    if found is None:
        raise NotAnonymous(
            f"However coarse the columns, more than {SUPPRESSED:.0%} of the rows would have to be hidden to make {k} "
            "alike: leave out a column, or what is sensitive, or give figures instead."
        )
    names = (*(ladder.name for ladder in known), *sensitive)
    coarse = [(*_coarse(row, known, found.levels), *(row[name] for name in sensitive)) for row in rows]
    kept = _large_enough(coarse, len(known), k, 2 if sensitive else 1)
    refuse_unless_anonymous(names, kept, k=k, sensitive=sensitive)
    raw = [tuple(row[ladder.name] for ladder in known) for row in rows]
    size = Counter(row[: len(known)] for row in kept)
    return Anonymous(names, tuple(shuffled(kept, key)), found, len(isolating(raw)), min(size.values()))


def refuse_unless_anonymous(
    columns: Sequence[str], rows: Sequence[tuple[str, ...]], *, k: int, sensitive: Sequence[str]
) -> None:
    """Measure rows as they would leave; raises NotAnonymous for the first thing that tells somebody apart."""
    at = [place for place, name in enumerate(columns) if name not in sensitive]
    known = [tuple(row[place] for place in at) for row in rows]
    if not rows or min(Counter(known).values()) < k:
        raise NotAnonymous(f"A combination of values belongs to fewer than {k} rows; nothing was released.")
    if isolating(known):
        raise NotAnonymous("Somebody could be singled out by three columns; nothing was released.")
    for name in sensitive:
        values: dict[tuple[str, ...], set[str]] = {}
        for row, combination in zip(rows, known, strict=True):
            values.setdefault(combination, set()).add(row[list(columns).index(name)])
        if any(len(found) == 1 for found in values.values()):
            raise NotAnonymous(
                f"All rows of a class have the same {name}, which is sensitive: who is in it would be known by it."
            )


def isolating(rows: Sequence[tuple[str, ...]], most: int = KNOWN) -> list[tuple[int, ...]]:
    """Return, once for each, the columns of every predicate over up to three columns that fits one row alone."""
    if not rows:
        return []
    found = list[tuple[int, ...]]()
    for width in range(1, min(most, len(rows[0])) + 1):
        for at in combinations(range(len(rows[0])), width):
            counted = Counter(tuple(row[place] for place in at) for row in rows)
            found += [at] * sum(number == 1 for number in counted.values())
    return found


def shuffled(rows: Sequence[tuple[str, ...]], key: bytes) -> list[tuple[str, ...]]:
    """Return the rows in an order that the key alone decides, whatever order they came in."""
    drawn = [
        (hmac.digest(key, f"{place}\x1f".encode() + "\x1f".join(row).encode(), "sha256"), row)
        for place, row in enumerate(sorted(rows))
    ]
    return [row for _, row in sorted(drawn)]


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a table as the file that leaves."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns, *rows])
    return out.getvalue().encode()


def from_csv(content: bytes) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Read a file that left."""
    columns, *rows = csv.reader(io.StringIO(content.decode()))
    return tuple(columns), [tuple(row) for row in rows]


def _search(rows: Rows, known: list[Hierarchy], k: int, sensitive: Sequence[str], pinned: Node) -> Found | None:
    codes = [ladder.codes(row.get(ladder.name) for row in rows) for ladder in known]
    told = ["\x1f".join(str(row.get(name)) for name in sensitive) for row in rows]
    numbered = np.unique(np.array(told), return_inverse=True)[1].astype(np.int64)
    ceiling = tuple(ladder.depth - 1 for ladder in known)
    if pinned:
        ceiling = tuple(min(most, pin) for most, pin in zip(ceiling, pinned, strict=True))
    model = Model(k, 2 if sensitive else 1)
    return Search(known, table_of(codes, numbered), model, int(len(rows) * SUPPRESSED), ceiling=ceiling).best()


def _coarse(row: Mapping[str, str], known: Sequence[Hierarchy], levels: Node) -> list[str]:
    return [ladder.labelled[row[ladder.name]][level] for ladder, level in zip(known, levels, strict=True)]


def _large_enough(rows: list[tuple[str, ...]], known: int, k: int, distinct: int) -> list[tuple[str, ...]]:
    size = Counter(row[:known] for row in rows)
    values: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for row in rows:
        values.setdefault(row[:known], set()).add(row[known:])
    return [row for row in rows if size[row[:known]] >= k and len(values[row[:known]]) >= distinct]
