"""§2.1 and §2.2 every version stays readable, whatever is published after it."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avow.errors import NotFound
from avow.evidence import checks, versions
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.VERSIONS_PUBLIC)]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = b"format = \"avow.clauses/1\"\n\n[kept]\nkind = \"statement\"\nsays = '''We keep it.'''\n"


def text(day, word):
    return f"# Privacy Policy\n\nEffective Date: May {day}, 2024\n\nWe keep it. We keep {word}.\n".encode()


@given(st.lists(st.tuples(st.integers(1, 28), st.sampled_from(["names", "phones", "nothing"])), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_published_in_whatever_order_all_of_it_can_be_read(db, steps):
    """It bites: `all_versions` that leaves out a version fails here and in the live check."""
    for day, word in steps:
        version = versions.freeze(text(day, word), TABLE, now=NOW, published_by="avow up")
        assert version.raw == text(day, word)
    listed = versions.all_versions()
    assert [v.number for v in listed] == sorted(v.number for v in listed)
    assert {text(day, word) for day, word in steps} <= {v.raw for v in listed}
    for before, after in zip(("", *(v.sha256 for v in listed)), listed, strict=False):
        assert after.parent == before
        assert versions.read(after.sha256) == after
        assert [sentence.text for sentence in after.bound.document][-1].startswith("We keep ")
    assert checks.old_versions_are_readable(NOW) is None


def test_a_version_that_never_was_is_not_found(db):
    with pytest.raises(NotFound):
        versions.read("0" * 64)
    assert versions.all_versions() == ()
