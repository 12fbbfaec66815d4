"""
Each sentence keeps its id under every change of dress, alone and composed.

Tried: hashing the text as written turns quotes and bold red; matching by place turns swapped
sections red; letting line breaks end sentences turns reflow red.
"""

import pytest
from hypothesis import given, settings

from avow.policy.binding import bind, find_table
from avow.policy.parsing import parse
from avow.policy.reading_clauses import read_clauses
from avow.policy.shipped import roots
from tests.policy.dress import CHANGES

RESTATEMENT = roots()[0] / "optimibi" / "2024-05-05.md"


def ids(text):
    document = parse(text.encode())
    table = find_table(document, roots())
    assert table is not None
    bound = bind(document, read_clauses(table))
    assert not bound.unbound
    return {sentence.sha256: sentence.id for sentence, _ in bound.clauses}


def changed(text, changes):
    for change in changes:
        text = change(text)
    return text


@settings(max_examples=30, deadline=None)
@given(CHANGES)
def test_the_restatements_ids_survive(changes):
    text = RESTATEMENT.read_text()
    before = ids(text)
    assert len(before) == 40
    assert ids(changed(text, changes)) == before


@settings(max_examples=30, deadline=None)
@given(CHANGES)
def test_the_originals_ids_survive(shared, changes):
    text = (shared / "policies" / "optimibi-2024-05-05.md").read_text()
    before = ids(text)
    assert len(before) == 40
    assert ids(changed(text, changes)) == before


@pytest.mark.parametrize("number", range(5))
def test_the_changes_do_change_the_text(number):
    """A change that changed nothing would prove nothing."""
    from random import Random

    from tests.policy import dress

    text = RESTATEMENT.read_text()
    acts = [
        dress.reflow(40),
        dress.straight_quotes,
        dress.no_bold,
        dress.other_levels([1, 4, 2]),
        dress.swapped(Random(1)),
    ]
    assert acts[number](text) != text
    assert len(parse(acts[number](text).encode()).sentences) == 40
