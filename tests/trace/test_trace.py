"""The trace says what the source says: a sentence counts only when each of its promises does."""

from dataclasses import replace
from pathlib import Path

import pytest

from avow.policy.clauses import Kind
from avow.policy.promises import Promise
from avow.policy.trace import Mark, Row, count, scan_marks, scan_proofs
from avow.policy.trace_page import page, with_progress

SOURCE = '''
from avow.policy.promises import Promise, keeps, watches

@keeps(Promise.OPT_OUT, Promise.CLOSED_TOPICS)
def stop(person):
    """Stop."""

@watches(Promise.OPT_OUT)
def a_stopped_person_gets_nothing(now):
    """Look."""
'''
TESTS = """
import pytest
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.OPT_OUT), pytest.mark.slow]

def test_one(): ...

@pytest.mark.proves(Promise.CLOSED_TOPICS)
def test_two(): ...

def helper(): ...
"""


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "avow" / "room").mkdir(parents=True)
    (tmp_path / "avow" / "room" / "stopping.py").write_text(SOURCE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_stopping.py").write_text(TESTS)
    return tmp_path


def test_marks_are_found_with_file_and_line(tree):
    marks = scan_marks(tree / "avow")
    assert [(m.promise, m.kind, m.module, m.file, m.line, m.name) for m in marks] == [
        (Promise.OPT_OUT, "keeps", "avow.room.stopping", "avow/room/stopping.py", 5, "stop"),
        (Promise.CLOSED_TOPICS, "keeps", "avow.room.stopping", "avow/room/stopping.py", 5, "stop"),
        (Promise.OPT_OUT, "watches", "avow.room.stopping", "avow/room/stopping.py", 9, "a_stopped_person_gets_nothing"),
    ]


def test_proofs_come_from_the_modules_marker_and_the_functions_own(tree):
    proofs = {(m.promise, m.name) for m in scan_proofs(tree / "tests")}
    assert proofs == {
        (Promise.OPT_OUT, "test_one"),
        (Promise.OPT_OUT, "test_two"),
        (Promise.CLOSED_TOPICS, "test_two"),
    }


def test_a_promise_that_does_not_exist_stops_the_trace(tree):
    (tree / "avow" / "room" / "stopping.py").write_text(SOURCE.replace("CLOSED_TOPICS", "NO_SUCH"))
    with pytest.raises(KeyError, match="NO_SUCH"):
        scan_marks(tree / "avow")


def mark(promise, kind, name="f"):
    return Mark(promise, kind, "m", "avow/m.py", 1, name)


def row(*, shown=()):
    two = (Promise.OPT_OUT, Promise.CLOSED_TOPICS)
    return Row(
        id="3a.6",
        clause="unsubscribe",
        kind=Kind.PROMISE,
        promises=two,
        keepers=tuple(mark(p, "keeps") for p in two),
        proofs=tuple(mark(p, "proves") for p in two),
        checks=tuple(mark(p, "watches", "a_check") for p in two),
        shown=frozenset(shown),
    )


def test_a_check_that_was_not_shown_to_fail_does_not_watch():
    assert not row().watched
    assert row(shown={"a-check"}).watched


@pytest.mark.parametrize("part, word", [("keepers", "kept"), ("proofs", "proved"), ("checks", "watched")])
def test_each_promise_of_a_sentence_must_have_its_own(part, word):
    """It bites: with one of two promises left out, the sentence no longer counts."""
    whole = row(shown={"a-check"})
    assert getattr(whole, word)
    assert not getattr(replace(whole, **{part: getattr(whole, part)[:1]}), word)


def test_the_count_leaves_statements_out_and_wants_all_three():
    statement = replace(row(), kind=Kind.STATEMENT, promises=())
    done = count([row(shown={"a-check"}), row(), statement])
    assert (done.needed, done.kept, done.proved, done.watched, done.whole) == (2, 2, 2, 1, 1)


def test_an_unbound_sentence_needs_a_mechanism_and_has_none():
    unbound = replace(row(), kind=None, clause="", promises=(), keepers=(), proofs=(), checks=())
    assert unbound.needed
    assert not (unbound.kept or unbound.proved or unbound.watched)


def test_the_page_is_the_same_twice_and_says_what_is_missing():
    rows = [row(), replace(row(), keepers=(), proofs=(), checks=())]
    assert page(rows, "Policy") == page(rows, "Policy")
    assert "a-check (not shown to fail)" in page(rows, "Policy")
    assert "| — | — | — |" in page(rows, "Policy")


def test_the_readme_keeps_everything_but_its_progress_line():
    readme = "before\n<!-- progress -->\nold\n<!-- /progress -->\nafter\n"
    changed = with_progress(readme, [row(shown={"a-check"})])
    assert changed.startswith("before\n<!-- progress -->\n")
    assert changed.endswith("<!-- /progress -->\nafter\n")
    assert "1 of 1 sentences" in changed
    assert "old" not in changed


def test_every_mark_of_the_house_names_a_module_that_exists():
    root = Path(__file__).resolve().parent.parent.parent
    for found in scan_marks(root / "avow"):
        assert (root / found.file).exists()
