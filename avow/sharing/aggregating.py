"""
Figures on how a service is used, from which nobody can tell whether a certain person used it.

    people a page and day, at most T pages of each person and day     bounded in one query, last before counting
    + discrete Gaussian noise, sigma = sqrt(T · D² / (2 rho))         D days: a person may be there on each of them
    published where it reaches max(20, 3 sigma); else "too few to say"

Why our own bounding: what a person adds must be bounded by the very query that counts; where a library bounds first
and something is joined later, the noise is too small and nobody sees it. Why noise from OpenDP: drawing it well is
harder than it looks, and its map states the price that we then compare with the one asked for.

Holds:    adding or taking away one person changes T of the totals, each by D at most, so the change is D·sqrt(T) in
          length. Keys are the declared pages and "other", so that no key tells that somebody was there.
          A row that is nobody's counts for nothing: who forgot has another name in each of theirs, and who wants not to
          be followed one in each visit, so no bound would hold for them.
          `noisy` refuses to hand out anything whose price, by OpenDP's map, is above the one that was reserved.
Assumes:  an account is one person; who also comes with a browser of their own counts as two.
Does not: decide whether the budget allows it (`spending`), or keep any count without noise.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ibis  # type: ignore[import-untyped]
import opendp.prelude as dp
import pyarrow as pa  # type: ignore[import-untyped]

from avow.errors import BadInput
from avow.policy.promises import Promise, keeps
from avow.sharing.spec import Spec
from avow.usage.rows import NOBODYS

OTHER = "other"
LEAST, SIGMAS, NINETY_FIVE = 20, 3, 1.96
ROUNDING = 1 + 1e-9  # sigma is rounded up, so that the map is never above the price
NEEDED = {"day": "date", "pid": "int64", "ctx": "int64", "kind": "string", "page": "string"}

dp.enable_features("contrib")


@dataclass(frozen=True)
class Price:
    """What figures cost and how exact they will be, known before anything is counted."""

    rho: int  # thousandths
    pages: int  # of one person and day that count: totals that one person can change
    days: int  # by how much one person can change each

    @property
    def length(self) -> float:
        """How far one person can move the totals (L2)."""
        return self.days * math.sqrt(self.pages)

    @property
    def sigma(self) -> float:
        """The noise's standard deviation."""
        return self.length / math.sqrt(2 * self.rho / 1000) * ROUNDING

    @property
    def error(self) -> int:
        """How far a figure is off at most, 19 times in 20."""
        return math.ceil(NINETY_FIVE * self.sigma)

    @property
    def difference(self) -> int:
        """How far the difference of two figures is off at most, 19 times in 20."""
        return math.ceil(NINETY_FIVE * math.sqrt(2) * self.sigma)

    @property
    def least(self) -> int:
        """Figures below this are not given: they would be mostly noise."""
        return math.ceil(max(LEAST, SIGMAS * self.sigma))


def price(spec: Spec) -> Price:
    """Return what a specification costs."""
    return Price(spec.rho, spec.per_day, spec.days)


def bounded(events: Any, spec: Spec, *, left_out: Collection[int], key: bytes) -> Any:
    """Return the query that counts people by page and day, each person and day adding to T pages at most."""
    there = visits(events, spec, left_out=left_out)
    page = ibis.ifelse(there.page.isin(spec.pages), there.page, OTHER)
    seen = there.select("day", "pid", page=page).distinct()
    drawn = (ibis.literal(key.hex()) + seen.day.cast("string") + seen.pid.cast("string") + seen.page).hexdigest("md5")
    place = ibis.row_number().over(ibis.window(group_by=["day", "pid"], order_by=drawn))
    placed = seen.mutate(place=place)
    kept = placed.filter(placed.place < spec.per_day)
    return kept.group_by("page").aggregate(people=kept.count())


def visits(events: Any, spec: Spec, *, left_out: Collection[int]) -> Any:
    """Return the page visits of these days without those of people who are left out."""
    types = {name: str(kind).removeprefix("!") for name, kind in events.schema().items()}
    if any(types.get(name) != kind for name, kind in NEEDED.items()):
        raise BadInput("The events have not the columns that figures are made of; compare them with the lake's own.")
    chosen = events.filter(
        events.kind == "page", events.day.between(spec.since, spec.until), events.pid.notnull(), events.page.notnull(),
        events.ctx != NOBODYS,
    )  # fmt: skip
    if not left_out:
        return chosen
    names = ibis.memtable(pa.table({"pid": pa.array(sorted(left_out), pa.int64())}))
    return chosen.anti_join(names, "pid")


@keeps(Promise.AGGREGATE_RELEASE)
def figures(events: Any, spec: Spec, *, left_out: Collection[int], key: bytes) -> dict[str, int | None]:
    """Return each declared page with its figure, or None where there are too few to say."""
    query = bounded(events, spec, left_out=left_out, key=key)
    counted = {row["page"]: int(row["people"]) for row in query.to_pyarrow().to_pylist()}
    keys = [*spec.pages, OTHER]
    cost = price(spec)
    drawn = noisy([counted.get(page, 0) for page in keys], cost)
    return {page: number if number >= cost.least else None for page, number in zip(keys, drawn, strict=True)}


def epsilon(rho: int, delta: float) -> float:
    """Return a bound of epsilon at delta for thousandths of rho: of any mechanism of that price, by OpenDP's map."""
    one = Price(rho, 1, 1)
    converted = dp.c.make_zCDP_to_approxDP(_gaussian(one))
    return float(converted.map(one.length).epsilon(delta))  # type: ignore[no-untyped-call]


def _gaussian(cost: Price) -> Any:
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=cost.sigma)


def noisy(counts: list[int], cost: Price) -> list[int]:
    """Add the noise; its price by OpenDP's own map must not be above the one asked for."""
    measurement = _gaussian(cost)
    paid = float(measurement.map(cost.length))
    assert paid <= cost.rho / 1000, "the noise is too small for its price"
    return [int(number) for number in measurement(counts)]
