"""
What changed between two texts: how far each change goes, and that no word that matters passes for wording.

It bites (each was tried): a judge that trusts likeness calls "do not sell" → "may sell" wording; one that reads only the
table misses it when the table was not touched; without `settle` a widening hides behind a narrowing beside it.
"""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from avow.host.commands.policy import group
from avow.policy.binding import bind
from avow.policy.clauses import Clause, Kind
from avow.policy.diff import Fortune, diff, pieces, worst
from avow.policy.judging import Class, judge, judge_new, judge_withdrawn
from avow.policy.lexicons import LEXICON, Matter
from avow.policy.loading import NO_TABLE, load
from avow.policy.parsing import parse
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.policy.reading_clauses import parse_clauses

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "policies" / "optimibi" / "2024-05-05.md"
NEXT = ROOT / "examples" / "policies" / "optimibi-next.md"
TABLE = ROOT / "examples" / "policies" / "optimibi-next.toml"
BASECAMP = ["2020-05-06", "2020-06-25", "2020-12-04", "2022-05-18", "2022-12-22", "2023-07-27"]


def unbound(text):
    return bind(parse(f"# P\n\nEffective date: 1 May 2024\n\n{text}\n".encode()), NO_TABLE)


def of(before, after):
    return judge(before, after, None, None).speaks_for


@pytest.mark.parametrize(("before", "after", "class_"), [
    ("We do not sell your name.", "We may sell your name.", Class.WIDENING),
    ("We may sell your name.", "We never sell your name.", Class.NARROWING),
    ("We keep it for 30 days.", "We keep it for 60 days.", Class.WIDENING),
    ("We keep it for 30 days.", "We keep it for 7 days.", Class.NARROWING),
    ("We collect your name.", "We collect your name and location.", Class.WIDENING),
    ("We collect your name and location.", "We collect your name.", Class.NARROWING),
    ("We will notify you of a change.", "We may notify you of a change.", Class.WIDENING),
    ("We will delete it.", "We will not delete it.", Class.UNCLEAR),
    ("We are a merry house.", "We are a gloomy house.", Class.UNCLEAR),
    ("We run the services that you know.", "We run the services you know.", Class.WORDING),
    ("We personalise the colour.", "We personalize the color.", Class.UNCLEAR),  # a purpose's word: never wording
    ("This is our organisation.", "This is our organization.", Class.WORDING),
])  # fmt: skip
def test_how_far_a_change_goes(before, after, class_):
    assert of(before, after) is class_


@given(st.sampled_from(sorted(word for words in LEXICON.values() for word in words)), st.booleans())
def test_no_word_that_matters_comes_or_goes_as_wording(word, comes):
    word = word.rstrip("*")
    plain, with_it = "We paint the house.", f"We paint {word} the house."
    assert of(*((plain, with_it) if comes else (with_it, plain))) is not Class.WORDING


def test_the_table_can_widen_a_sentence_whose_words_stay():
    then = Clause("uses", Kind.PERMISSION, "We use it.", purposes=(Purpose.ACCOUNT,))
    now = Clause("uses", Kind.PERMISSION, "We use it.", purposes=(Purpose.ACCOUNT, Purpose.ANALYSIS))
    assert judge("We use it.", "We use it.", then, now).speaks_for is Class.WIDENING
    assert judge("We use it.", "We use it.", now, then).speaks_for is Class.NARROWING
    other = Clause("uses", Kind.PERMISSION, "We use it.", purposes=(Purpose.ANALYSIS,))
    assert judge("We use it.", "We use it.", then, other).speaks_for is Class.UNCLEAR  # one more and one less


TABLED = """format = "avow.clauses/1"

[house]
at = "1.1"
says = "We are a merry house."
kind = "statement"
"""
USES = """
[uses]
at = "1.2"
says = "We use it."
kind = "{kind}"
promise = "purpose-limit"
purposes = ["analysis"]
"""


def tabled(table, text="We are a merry house. We use it."):
    clauses = parse_clauses(table.encode())
    return bind(parse(f"# P\n\nEffective date: 1 May 2024\n\n{text}\n".encode()), clauses)


def test_a_sentence_that_only_one_table_binds_is_no_silent_change():
    """Tried: with nothing compared where one table does not know the sentence, what the gate allows changed unlisted."""
    without, bound = tabled(TABLED), tabled(TABLED + USES.format(kind="permission"))
    (more,), (less,) = diff(without, bound), diff(bound, without)
    assert Purpose.ANALYSIS in bound.purposes - without.purposes
    assert (more.fortune, less.fortune) == (Fortune.REBOUND, Fortune.REBOUND)
    assert more.class_ in {Class.WIDENING, Class.UNCLEAR} and less.class_ in {Class.WIDENING, Class.UNCLEAR}
    assert diff(unbound("We use it."), unbound("We use it.")) == ()


@pytest.mark.parametrize("kind", ["promise", "limit", "procedure", "statement"])
def test_a_new_sentence_that_names_a_purpose_is_a_widening_whatever_it_is_called(kind):
    clause = Clause("uses", Kind(kind), "We care for you.", purposes=(Purpose.ANALYSIS,))
    assert judge_new("We care for you.", clause).speaks_for is Class.WIDENING


def test_a_right_that_is_withdrawn_is_a_widening_and_so_is_a_promise():
    assert judge_withdrawn("You can have it deleted.", None).speaks_for is Class.WIDENING
    promise = Clause("p", Kind.PROMISE, "We greet you.", promises=(Promise.QUESTIONS,))
    assert judge_withdrawn("We greet you.", promise).speaks_for is Class.WIDENING


def test_the_example_has_one_of_each_and_a_new_date():
    changes = diff(load(OLD).bound, load(NEXT, TABLE).bound)
    assert {change.id: change.class_ for change in changes} == {
        "0.1": Class.WORDING, "0.2": Class.WORDING, "3a.5": Class.WIDENING, "3b.2": Class.NARROWING,
    }  # fmt: skip
    assert {change.fortune for change in changes} == {Fortune.REWORDED}
    assert worst(changes) is Class.WIDENING
    assert "partners" in next(change.why for change in changes if change.id == "3a.5")


def test_nothing_changed_is_nothing_and_a_moved_sentence_is_not_listed():
    text = "We keep it. We give it back."
    assert diff(unbound(text), unbound(text)) == ()
    assert worst(()) is Class.WORDING
    assert diff(unbound(text), unbound("We give it back. We keep it.")) == ()


def test_new_and_withdrawn_sentences_are_told_apart_from_reworded_ones():
    changes = diff(
        unbound("We like cats. We sell no names."), unbound("We like cats. We track your location by phone.")
    )
    told = {change.fortune: change for change in changes}
    assert set(told) == {Fortune.NEW, Fortune.WITHDRAWN}
    assert told[Fortune.NEW].class_ is told[Fortune.WITHDRAWN].class_ is Class.WIDENING
    assert told[Fortune.NEW].before is None and told[Fortune.WITHDRAWN].after is None


@given(
    st.lists(st.sampled_from("we sell no name to you".split()), max_size=8), st.lists(st.text(max_size=4), max_size=8)
)
def test_the_pieces_are_the_sentences(before, after):
    before, after = " ".join(before), " ".join(" ".join(after).split())
    left, right = pieces(before, after)
    assert " ".join(piece.text for piece in left) == before
    assert " ".join(piece.text for piece in right) == after
    assert {piece.mark for piece in left} <= {"same", "gone"} and {piece.mark for piece in right} <= {"same", "came"}


@pytest.mark.parametrize(("before", "after"), list(pairwise(BASECAMP)))
def test_each_step_of_a_policy_that_others_wrote(shared, before, after):
    """Every sentence of both texts is in one change at most, and what has a word of the lists is not wording."""
    old, new = (load(shared / "policies" / f"basecamp-{day}.md", need_table=False).bound for day in (before, after))
    changes = diff(old, new)
    assert changes
    for side in ("before", "after"):
        said = [getattr(change, side) for change in changes if getattr(change, side)]
        document = old.document if side == "before" else new.document
        assert len(said) <= len(document.sentences)
        assert set(said) <= {sentence.text for sentence in document}
    assert all(change.why and change.before != change.after for change in changes)


def test_the_command_prints_what_programs_and_people_read():
    said = CliRunner().invoke(group, ["diff", str(OLD), str(NEXT), "--clauses", str(TABLE), "--json"])
    assert said.exit_code == 0
    changes = json.loads(said.output)["changes"]
    assert [sorted(change) for change in changes] == [["after", "before", "class", "id", "why"]] * 4
    read = CliRunner().invoke(group, ["diff", str(OLD), str(NEXT), "--clauses", str(TABLE)])
    assert "as a whole: widening" in read.output
    assert Matter.RECIPIENT.value in read.output
