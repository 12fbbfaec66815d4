"""
The best way to make a table anonymous: of all combinations of levels, the one that loses least.

Why exact and not greedy: a greedy search loses a quarter more on the census sample; a partner who needs the detail
asks for exceptions then. Why on distinct combinations: rows that agree in every column are counted once, and a coarser
table is made from a finer one, never from the rows.

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


@dataclass(frozen=True, eq=False)
class Table:
    """Distinct combinations of values with how many rows have each, at one node."""

    levels: Node
    codes: Codes  # a row a combination, a column a column
    sensitive: Codes
    rows: Codes


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
        kept = self.model.kept(size, distinct)[of]
        suppressed = int(table.rows[~kept].sum())
        per_row = sum(
            hierarchy.loss[level][table.codes[:, at]]
            for at, (hierarchy, level) in enumerate(zip(self.hierarchies, table.levels, strict=True))
        ) / len(self.hierarchies)
        lost = float((np.broadcast_to(per_row, kept.shape) * table.rows)[kept].sum())
        return (lost + suppressed) / self.total, suppressed

    def _bounds(self) -> NDArray[np.float64]:
        sums = np.zeros(len(self.nodes))
        for at, hierarchy in enumerate(self.hierarchies):
            column = self.base.codes[:, at]
            by_level = np.array([(loss[column] * self.base.rows).sum() for loss in hierarchy.loss])
            sums += by_level[self.nodes[:, at]]
        bounds: NDArray[np.float64] = sums / (len(self.hierarchies) * self.total)
        return bounds


def table_of(columns: Sequence[Codes], sensitive: Codes) -> Table:
    """Count the distinct combinations of rows; `sensitive` numbers each row's sensitive values."""
    codes = np.stack(columns, axis=1)
    ones = np.ones(len(codes), dtype=np.int64)
    return _distinct(tuple(0 for _ in columns), codes, sensitive, ones)


def group(table: Table, node: Node, hierarchies: Sequence[Hierarchy]) -> Table:
    """Return the table at a coarser node; each group is named by the first of its values."""
    coarse = [
        _first(hierarchy.numbered[level])[table.codes[:, at]]
        for at, (hierarchy, level) in enumerate(zip(hierarchies, node, strict=True))
    ]
    return _distinct(node, np.stack(coarse, axis=1), table.sensitive, table.rows)


def classes(table: Table) -> tuple[Codes, Codes, Codes]:
    """Return for each class its rows and its different sensitive values, and for each combination its class."""
    _, of = np.unique(_keys(table.codes), return_inverse=True)
    size = np.bincount(of, weights=table.rows).astype(np.int64)
    return size, np.bincount(of).astype(np.int64), of


def _first(groups: Codes) -> Codes:
    """Return for each value the first value of its group."""
    _, first = np.unique(groups, return_index=True)
    named: Codes = first[groups].astype(np.int64)
    return named


def _distinct(levels: Node, codes: Codes, sensitive: Codes, rows: Codes) -> Table:
    keys = _keys(np.column_stack([codes, sensitive]))
    _, first, of = np.unique(keys, return_index=True, return_inverse=True)
    return Table(levels, codes[first], sensitive[first], np.bincount(of, weights=rows).astype(np.int64))


def _keys(codes: Codes) -> Codes:
    """Give each different row of codes a number of its own, however many columns there are."""
    keys = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        _, dense = np.unique(column, return_inverse=True)
        _, keys = np.unique(keys * (int(dense.max(initial=0)) + 1) + dense, return_inverse=True)
    return keys.astype(np.int64)
