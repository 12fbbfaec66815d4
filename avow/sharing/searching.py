"""
The best way to make a table anonymous: of all combinations of levels, the one that loses least.

Why exact and not greedy: a greedy search loses a quarter more on the census sample; a partner who needs the detail
asks for exceptions then. Why on distinct combinations: rows that agree in every column are counted once, and a coarser
table is made from a finer one, never from the rows. Why a combination is one number (its codes as digits): to group
them is then to sort numbers, or to count them where there are few enough to have a place each.

Holds:    no combination of levels within the limit of suppression loses less; among equals the one that comes first.
          What every node would lose if nothing were suppressed is known from single columns alone. It is a lower
          bound, so the search visits nodes by it and ends when the bound reaches what was found.
Assumes:  a coarser table suppresses no more than a finer one. That is so for k and for distinct l with suppression of
          rows, and not for t-closeness or entropy-l.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from avow.sharing.hierarchies import Codes, Hierarchy

Node = tuple[int, ...]
EVEN = 1e-12  # two losses closer than this are the same
KEPT = 100  # tables at hand, so that a long search does not fill the memory
PLACES = 1 << 18  # combinations that have a place each while they are counted: 2 MB, which a processor holds close
LARGEST = 1 << 62


@dataclass(frozen=True, eq=False)
class Table:
    """Distinct combinations of values with how many rows have each, at one node; those of a class stand together."""

    levels: Node
    codes: Sequence[Codes]  # an array a column: of each combination, the first value of its group
    sensitive: Codes
    rows: Codes
    classes: Codes  # of each combination, the class: 0, 1, 2 …


@dataclass(frozen=True)
class Found:
    """One node, counted."""

    levels: Node
    loss: float
    suppressed: int


@dataclass(frozen=True)
class Model:
    """What a class must have: enough rows, and enough different sensitive values."""

    k: int
    distinct: int = 1

    def kept(self, rows: Codes, sensitive: Codes) -> NDArray[np.bool_]:
        """Tell which classes stay."""
        return (rows >= self.k) & (sensitive >= self.distinct)


@dataclass
class Search:
    """One search over one table."""

    hierarchies: Sequence[Hierarchy]
    base: Table
    model: Model
    most: int  # rows that may be suppressed
    floor: Node = ()
    ceiling: Node = ()
    counted: dict[Node, Found] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out the lattice with the lower bound of each node."""
        self.tables.append(self.base)
        self.total = int(self.base.rows.sum())
        low = self.floor or tuple(0 for _ in self.hierarchies)
        high = self.ceiling or tuple(hierarchy.depth - 1 for hierarchy in self.hierarchies)
        steps = [range(a, b + 1) for a, b in zip(low, high, strict=True)]
        self.nodes = np.array(list(product(*steps)), dtype=np.int64)
        self.place = {tuple(node): place for place, node in enumerate(self.nodes.tolist())}
        self.bounds = self._bounds()
        self.impossible = np.zeros(len(self.nodes), dtype=bool)

    def best(self) -> Found | None:
        """Return the node that loses least, or None when none stays within the limit."""
        best: Found | None = None
        for place in np.lexsort((*self.nodes.T[::-1], self.bounds)):
            if best and self.bounds[place] > best.loss + EVEN:
                break
            if self.impossible[place]:
                continue
            node: Node = tuple(self.nodes[place].tolist())
            found = self.count(node)
            if found.suppressed > self.most:
                self._rule_out_from(node)
            elif best is None or (found.loss < best.loss - EVEN):
                best = found
        return best

    def count(self, node: Node) -> Found:
        """Return what a node loses and suppresses."""
        if node not in self.counted:
            table = self._roll_up(node)
            self.counted[node] = Found(node, *self._measure(table))
        return self.counted[node]

    def _rule_out_from(self, node: Node) -> None:
        """Climb by the cheapest step to where the limit is kept, by halves, and rule out all that is finer."""
        chain = self._climb(node)
        low, high = 0, len(chain)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.count(chain[middle]).suppressed > self.most else (low, middle)
        self.impossible |= (self.nodes <= np.array(chain[low])).all(axis=1)

    def _climb(self, node: Node) -> list[Node]:
        chain = [node]
        while above := [up for up in self._above(chain[-1]) if up in self.place]:
            chain.append(min(above, key=lambda up: (self.bounds[self.place[up]], up)))
        return chain

    def _above(self, node: Node) -> list[Node]:
        return [tuple(v + (i == at) for i, v in enumerate(node)) for at in range(len(node))]

    def _roll_up(self, node: Node) -> Table:
        """Make the table of a node from the smallest finer one that is at hand."""
        finer = [table for table in self.tables if all(a <= b for a, b in zip(table.levels, node, strict=True))]
        source = min(finer, key=lambda table: len(table.rows))
        if source.levels == node:
            return source
        made = group(source, node, self.hierarchies)
        self.tables.append(made)
        if len(self.tables) > KEPT:  # the base stays: every node can be made from it
            self.tables.remove(max(self.tables[1:], key=lambda table: len(table.rows)))
        return made

    def _measure(self, table: Table) -> tuple[float, int]:
        size, distinct, of = classes(table)
        kept = np.where(self.model.kept(size, distinct)[of], table.rows, 0.0)
        lost = sum(
            float((np.bincount(column, weights=kept, minlength=len(hierarchy.rows)) * hierarchy.loss[level]).sum())
            for hierarchy, level, column in zip(self.hierarchies, table.levels, table.codes, strict=True)
        ) / len(self.hierarchies)
        suppressed = self.total - int(kept.sum())
        return (lost + suppressed) / self.total, suppressed

    def _bounds(self) -> NDArray[np.float64]:
        sums = np.zeros(len(self.nodes))
        for at, hierarchy in enumerate(self.hierarchies):
            column = self.base.codes[at]
            by_level = np.array([(loss[column] * self.base.rows).sum() for loss in hierarchy.loss])
            sums += by_level[self.nodes[:, at]]
        bounds: NDArray[np.float64] = sums / (len(self.hierarchies) * self.total)
        return bounds


def table_of(columns: Sequence[Codes], sensitive: Codes) -> Table:
    """Count the distinct combinations of rows; `sensitive` numbers each row's sensitive values."""
    return _distinct(tuple(0 for _ in columns), columns, columns, sensitive, None)


def group(table: Table, node: Node, hierarchies: Sequence[Hierarchy]) -> Table:
    """Return the table at a coarser node; each group is named by the first of its values."""
    groups = [
        hierarchy.numbered[level][column]
        for hierarchy, level, column in zip(hierarchies, node, table.codes, strict=True)
    ]
    return _distinct(node, table.codes, groups, table.sensitive, table.rows)


def classes(table: Table) -> tuple[Codes, Codes, Codes]:
    """Return for each class its rows and its different sensitive values, and for each combination its class."""
    of = table.classes
    return np.bincount(of, weights=table.rows).astype(np.int64), np.bincount(of).astype(np.int64), of


def _distinct(
    levels: Node, codes: Sequence[Codes], groups: Sequence[Codes], sensitive: Codes, rows: Codes | None
) -> Table:
    """Put together what agrees in its groups and in what is sensitive; `rows` None: one each."""
    keys, span = _keys([*groups, sensitive])
    first, number = _first_of(keys, rows, span) if span <= PLACES else _first_sorted(keys, rows)
    values = int(sensitive.max(initial=0)) + 1
    whole = keys[first] // values if values > 1 else keys[first]
    of = np.cumsum(np.diff(whole, prepend=whole[:1]) != 0)
    return Table(levels, [column[first] for column in codes], sensitive[first], number, of)


def _keys(columns: Sequence[Codes]) -> tuple[Codes, int]:
    """Write each row as one number, its codes as digits, the last column as the last; and return how many there are."""
    keys, span = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        size = int(column.max(initial=0)) + 1
        if span > LARGEST // size:  # so many that the digits do not fit: number those that there are, in their order
            there, keys = np.unique(keys, return_inverse=True)
            span = len(there)
        keys, span = keys * size + column, span * size
    return keys, span


def _first_of(keys: Codes, rows: Codes | None, span: int) -> tuple[Codes, Codes]:
    """Return of each number, in order, where it first stands and how many rows it has: by a place for each."""
    number = np.bincount(keys, weights=rows, minlength=span).astype(np.int64)
    first = np.empty(span, dtype=np.int64)
    first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)
    there = np.flatnonzero(number)
    return first[there], number[there]


def _first_sorted(keys: Codes, rows: Codes | None) -> tuple[Codes, Codes]:
    """Return the same by sorting."""
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=-1))
    many = np.ones(len(keys), dtype=np.int64) if rows is None else rows[order]
    return order[begins], np.add.reduceat(many, begins) if len(begins) else many
