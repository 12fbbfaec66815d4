"""The words of pages: one for every member of what the rooms name by code, and times as people say them."""

from datetime import UTC, datetime, timedelta

import pytest

from avow.policy.clauses import Kind
from avow.web import words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_every_kind_of_sentence_has_words():
    assert set(words.KINDS) == {kind.value for kind in Kind}


@pytest.mark.parametrize(("away", "said"), [
    (0, "just now"),
    (40, "40 seconds ago"),
    (60, "1 minute ago"),
    (3 * 3600 + 5, "3 hours ago"),
    (49 * 3600, "2 days ago"),
    (86_400 * 90, "3 months ago"),
    (86_400 * 800, "2 years ago"),
    (-50, "in 50 seconds"),
    (-(8 * 3600 - 20), "in 8 hours"),  # what was just given is not an hour less
])  # fmt: skip
def test_times(away, said):
    assert words.ago(NOON - timedelta(seconds=away), NOON) == said
