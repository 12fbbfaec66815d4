"""
What leaves as rows is anonymous when measured from what leaves, and what cannot be made so is refused.

It bites: small classes that stay, k measured over the sensitive column too, a homogeneous class that passes, and an
order that tells who came first each fail here (each was tried).
"""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.policy.promises import Promise
from avow.sharing.generalising import (
    NotAnonymous,
    anonymise,
    as_csv,
    from_csv,
    isolating,
    refuse_unless_anonymous,
    shuffled,
)
from avow.sharing.hierarchies import of

pytestmark = pytest.mark.proves(Promise.ANONYMISED_RELEASE)
KEY = b"k" * 32
COLOUR = of("colour", ("red", "warm", "*"), ("orange", "warm", "*"), ("blue", "cold", "*"), ("green", "cold", "*"))
SIZE = of("size", ("s", "*"), ("m", "*"), ("l", "*"))
row = st.fixed_dictionaries(
    {
        "colour": st.sampled_from(["red", "orange", "blue", "green"]),
        "size": st.sampled_from("sml"),
        "answer": st.sampled_from(["yes", "no"]),
    }
)


@given(st.lists(row, max_size=120), st.integers(2, 8), st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_comes_out_is_anonymous_or_nothing_comes_out(rows, k, with_answer):
    sensitive = ["answer"] if with_answer else []
    try:
        made = anonymise(rows, [COLOUR, SIZE], k=k, sensitive=sensitive, key=KEY)
    except NotAnonymous:
        return
    _columns, out = from_csv(as_csv(made.columns, made.rows))
    size = Counter(one[:2] for one in out)
    assert min(size.values()) >= k
    assert len(rows) - len(out) == made.found.suppressed <= 0.05 * len(rows)
    if with_answer:
        assert all(len({one[2] for one in out if one[:2] == group}) == 2 for group in size)


@pytest.mark.parametrize("count", [0, 1, 49])
def test_too_few_people_are_refused(count):
    with pytest.raises(NotAnonymous, match="fewer than 50 rows"):
        anonymise([{"colour": "red", "size": "s"}] * count, [COLOUR, SIZE], k=5, sensitive=[], key=KEY)


def test_a_class_of_one_answer_is_refused():
    rows = [("red", "s", "yes")] * 20 + [("blue", "s", "yes")] * 10 + [("blue", "s", "no")] * 10
    with pytest.raises(NotAnonymous, match="same answer"):
        refuse_unless_anonymous(("colour", "size", "answer"), rows, k=5, sensitive=["answer"])
    refuse_unless_anonymous(("colour", "size", "answer"), rows, k=5, sensitive=[])


def test_classes_are_measured_over_what_is_known_and_not_over_the_answer():
    rows = [("red", "s", "yes")] * 20 + [("red", "s", "no")] * 2
    refuse_unless_anonymous(("colour", "size", "answer"), rows, k=5, sensitive=["answer"])


def test_the_rows_of_a_small_class_are_left_out_and_the_order_tells_nothing():
    named = [("red", "s")] * 60 + [("blue", "m")] * 60 + [("green", "l")] * 2
    rows = [{"colour": colour, "size": size} for colour, size in named]
    made = anonymise(rows, [COLOUR, SIZE], k=5, sensitive=[], key=KEY)
    assert Counter(made.rows) == {("red", "s"): 60, ("blue", "m"): 60}
    assert made.rows == anonymise(rows[::-1], [COLOUR, SIZE], k=5, sensitive=[], key=KEY).rows


def test_one_row_alone_is_refused_and_counted_exactly():
    rows = [("red", "s")] * 9 + [("blue", "m")]
    with pytest.raises(NotAnonymous):
        refuse_unless_anonymous(("colour", "size"), rows, k=2, sensitive=[])
    assert isolating(rows) == [(0,), (1,), (0, 1)]


def test_an_answer_that_everybody_gives_can_never_leave_as_sensitive():
    rows = [{"colour": "red", "size": "s", "answer": "yes"}] * 100
    with pytest.raises(NotAnonymous):
        anonymise(rows, [COLOUR, SIZE], k=5, sensitive=["answer"], key=KEY)


def test_the_order_is_the_keys_and_not_the_one_they_came_in():
    rows = [(str(number), "x") for number in range(50)]
    assert shuffled(rows, KEY) == shuffled(rows[::-1], KEY) != shuffled(rows, b"l" * 32)
    assert sorted(shuffled(rows, KEY)) == sorted(rows) != shuffled(rows, KEY)


@pytest.mark.parametrize("value", [None, float("nan"), 7, "violet"])
def test_a_value_of_another_kind_is_refused(value):
    rows = [{"colour": "red", "size": "s"}] * 99 + [{"colour": value, "size": "s"}]
    with pytest.raises(BadInput):
        anonymise(rows, [COLOUR, SIZE], k=5, sensitive=[], key=KEY)
