"""
The pictures: every mark told apart by shape and word, ticks that people count in, texts escaped.

It bites: drawing `stale` with the shape of `holds`, or leaving `escape` out of a title, fails here.
"""

import math
import re
from xml.etree import ElementTree as ET  # our own pictures

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.web.pictures import marks
from avow.web.pictures.bar import bars
from avow.web.pictures.spark import age, spark
from avow.web.pictures.ticks import nice_step, nice_ticks
from tests.web.sheet import RULES

HOSTILE = "<script>alert('x')</script>\"&"


def test_no_two_marks_share_shape_word_or_name():
    for part in ("shape", "word", "name", "means"):
        assert len({getattr(shown, part) for shown in marks.IN_ORDER}) == len(marks.IN_ORDER)


def test_every_state_of_evidence_has_a_mark_and_a_colour():
    from avow.evidence.states import State

    assert {marks.shown_as(state).name for state in State} | {marks.shown_as(None).name} == set(marks.BY_NAME)
    assert all(re.search(rf"\.{shown.name} {{ color: var\(--[a-z]+\); }}", RULES) for shown in marks.IN_ORDER)


def test_a_mark_without_title_is_silent_and_with_one_has_a_name():
    assert 'aria-hidden="true"' in marks.draw(marks.HOLDS)
    named = ET.fromstring(marks.draw(marks.HOLDS, title=HOSTILE))  # noqa: S314
    assert named.attrib["role"] == "img"
    assert named.find("title").text == HOSTILE


@given(st.lists(st.just(0) | st.floats(1e-6, 1e12), max_size=20))
def test_ticks_hold_every_value_are_few_and_nice(values):
    ticks = nice_ticks(values)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] >= max([*values, 0]) * (1 - 1e-9)
    step = ticks[1]
    assert any(math.isclose(step / 10 ** math.floor(math.log10(step)), nice, rel_tol=1e-6) for nice in (1, 2, 5, 10))


@pytest.mark.parametrize(("span", "step"), [(0, 1), (1, 0.2), (7, 2), (10, 2), (23, 5), (100, 20), (9_999, 2000)])
def test_steps(span, step):
    assert nice_step(span) == pytest.approx(step)


def test_counts_have_no_half_ticks():
    assert nice_ticks([1, 2]) == [0, 1, 2]


@pytest.mark.parametrize("picture", [
    bars([(HOSTILE, 3), ("b", 0)], title=HOSTILE),
    bars([], title="none"),
    spark([(HOSTILE, True), ("b", False)], title=HOSTILE),
    spark([], title="none"),
    age(3.0, title=HOSTILE),
])  # fmt: skip
def test_pictures_are_well_formed_and_hostile_texts_stay_texts(picture):
    tree = ET.fromstring(picture)  # noqa: S314
    assert "<script" not in picture
    assert "style=" not in picture
    assert tree.attrib["role"] == "img"
    assert tree.attrib["aria-label"]


def test_each_bar_and_stroke_says_its_number():
    assert "<title>code: 3 messages</title>" in bars([("code", 3)], title="x", unit="messages")
    assert spark([("a", True), ("b", False)], title="x").count("<title>") == 2


def test_a_bar_picture_as_it_was_looked_at():
    assert bars([("a", 2)], title="t") == (
        '<svg class="picture" viewBox="0 0 640 52" role="img" aria-label="t">'
        '<path class="axis" d="M190.0 0v30"/><text x="190.0" y="46" text-anchor="middle">0</text>'
        '<path class="axis" d="M395.0 0v30"/><text x="395.0" y="46" text-anchor="middle">1</text>'
        '<path class="axis" d="M600.0 0v30"/><text x="600.0" y="46" text-anchor="middle">2</text>'
        '<text x="178" y="19.0" text-anchor="end">a</text>'
        '<rect class="bar" x="190" y="7.0" width="410.0" height="16"><title>a: 2</title></rect></svg>'
    )
