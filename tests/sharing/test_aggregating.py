"""
Figures: bounded by person and day, with noise that is worth its price, over keys that nobody's visit can add.

It bites: leaving out the bound, bounding before "other" is merged, sigma without the days, and a map that is not
compared each fail here, and so does counting rows that are nobody's (each was tried).
"""

import math
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.policy.promises import Promise
from avow.sharing import aggregating, usage_rows
from avow.sharing.aggregating import OTHER, Price
from avow.sharing.spec import Kind, Spec

pytestmark = pytest.mark.proves(Promise.AGGREGATE_RELEASE)
MONDAY = date(2026, 11, 16)
KEY = b"k" * 32
PAGES = ("/", "/reports", "/docs")


def spec(days=2, per_day=2, rho=10):
    return Spec(
        Kind.FIGURES, UUID(int=1), MONDAY, MONDAY + timedelta(days=days - 1), pages=PAGES, per_day=per_day, rho=rho
    )


def lake(rows, ctx=1):
    """Events from (day, pid, page)."""
    types = {"day": pa.date32(), "pid": pa.int64(), "ctx": pa.int64(), "kind": pa.string(), "page": pa.string()}
    made = {
        "day": [MONDAY + timedelta(days=day) for day, _, _ in rows],
        "pid": [pid for _, pid, _ in rows],
        "ctx": [ctx] * len(rows),
        "kind": ["page"] * len(rows),
        "page": [page for _, _, page in rows],
    }
    return ibis.memtable(pa.table(made, schema=pa.schema(types)))


def totals(rows, one, left_out=()):
    query = aggregating.bounded(lake(rows), one, left_out=left_out, key=KEY)
    return Counter({row["page"]: row["people"] for row in query.to_pyarrow().to_pylist()})


visits = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 4), st.sampled_from([*PAGES, "/unknown", "/else"])), max_size=30
)


@given(visits, visits)
@settings(max_examples=25, deadline=None)
def test_one_person_moves_the_totals_no_further_than_the_noise_pays_for(others, own):
    one = spec()
    with_person = others + [(day, 100 + day, page) for day, _, page in own]  # another name each day, as in the lake
    before, after = totals(others, one), totals(with_person, one)
    moved = math.sqrt(sum((after[page] - before[page]) ** 2 for page in {*before, *after}))
    assert moved <= aggregating.price(one).length
    assert set(after) <= {*PAGES, OTHER}


def test_a_person_who_is_everywhere_every_day_moves_them_exactly_that_far():
    one = spec(days=2, per_day=2)
    rows = [(day, day + 7, page) for day in range(2) for page in (PAGES[0], PAGES[1])]
    assert math.sqrt(sum(number**2 for number in totals(rows, one).values())) == aggregating.price(one).length


def test_who_is_left_out_is_not_counted_and_neither_is_another_day():
    rows = [(0, 1, "/"), (0, 2, "/"), (1, 3, "/"), (5, 4, "/")]
    assert totals(rows, spec()) == {"/": 3}
    assert totals(rows, spec(), left_out={2}) == {"/": 2}


def test_the_noise_is_worth_its_price_and_as_wide_as_announced():
    cost = Price(rho=10, pages=3, days=7)
    assert math.isclose(cost.sigma, 7 * math.sqrt(3 / 0.02), rel_tol=1e-6)
    drawn = aggregating.noisy([0] * 4000, cost)
    wide = math.sqrt(sum(number**2 for number in drawn) / len(drawn))
    assert 0.9 < wide / cost.sigma < 1.1
    assert sum(abs(number) <= cost.error for number in drawn) / len(drawn) > 0.93


def test_noise_that_is_too_small_for_its_price_never_leaves(monkeypatch):
    monkeypatch.setattr(Price, "sigma", property(lambda self: self.length))
    with pytest.raises(AssertionError, match="too small"):
        aggregating.noisy([1, 2, 3], Price(rho=10, pages=3, days=7))


def test_few_are_too_few_to_say_and_every_key_is_there(monkeypatch):
    monkeypatch.setattr(aggregating, "SIGMAS", 7)  # at three the noise alone passes one time in seven hundred
    rows = [(0, pid, "/") for pid in range(900)] + [(0, 5000, "/docs")]
    found = aggregating.figures(lake(rows), spec(), left_out=(), key=KEY)
    assert list(found) == [*PAGES, OTHER]
    assert found["/docs"] is None and found[OTHER] is None
    assert abs(found["/"] - 900) < 5 * aggregating.price(spec()).sigma


def test_rows_that_are_nobodys_count_for_nothing():
    """Who forgot has another name in each row, and who said no one in each visit: neither is bounded, or in it at all."""
    rows = [(0, pid, "/") for pid in range(900)]
    query = aggregating.bounded(lake(rows, ctx=0), spec(), left_out=(), key=KEY)
    assert query.to_pyarrow().to_pylist() == []
    assert usage_rows.rows(in_full(rows, ctx=0), spec(), left_out=()) == []
    assert len(usage_rows.rows(in_full(rows, ctx=7), spec(), left_out=())) == 900


def in_full(rows, ctx):
    """Events with all that rows are made of."""
    return lake(rows, ctx).mutate(at=ibis.timestamp("2026-11-16T10:00:00"), browser=ibis.literal("Firefox"))


@pytest.mark.parametrize(
    "table",
    [
        {"day": [MONDAY], "pid": ["one"], "ctx": [1], "kind": ["page"], "page": ["/"]},
        {"day": [MONDAY], "pid": [1.5], "ctx": [1], "kind": ["page"], "page": ["/"]},
        {"day": [MONDAY], "pid": [1], "ctx": [1], "kind": ["page"]},
        {"day": ["Monday"], "pid": [1], "ctx": [1], "kind": ["page"], "page": ["/"]},
    ],
    ids=["names", "halves", "no page", "no day"],
)
def test_events_of_another_shape_are_refused(table):
    with pytest.raises(BadInput):
        aggregating.figures(ibis.memtable(pa.table(table)), spec(), left_out=(), key=KEY)


def test_events_without_a_person_or_a_page_count_for_nothing():
    rows = [(0, None, "/"), (0, 1, None), (0, 1, "/")]
    assert totals(rows, spec()) == {"/": 1}
