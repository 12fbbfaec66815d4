"""Our restatement says what the published policy says, in our words; both bind to the same clauses."""

import re

import pytest

from avow.policy.identity import normalise
from avow.policy.loading import load, load_shipped
from avow.policy.parsing import parse
from avow.policy.promises import Promise

IDS = (
    "0.1 0.2 0.3 1.1 1.2 1.3 1.4 2.1 2.2 2.3 2.4 2.5 3a.1 3a.2 3a.3 3a.4 3a.5 3a.6 3b.1 3b.2 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 "
    "5.1 5.2 5.3 5.4 5.5 6.1 6.2 7.1 7.2 7.3 8.1 8.2"
).split()
RUN = 8


@pytest.fixture(scope="module")
def ours():
    return load_shipped()


@pytest.fixture(scope="module")
def original(shared):
    return shared / "policies" / "optimibi-2024-05-05.md"


def runs(texts):
    words = [normalise(text).split() for text in texts]
    return {" ".join(w[i : i + RUN]) for w in words for i in range(len(w) - RUN + 1)}


def test_it_has_forty_sentences_one_to_a_line_with_these_ids(ours):
    document = ours.bound.document
    assert [s.id for s in document] == IDS
    assert len({s.line for s in document}) == 40
    assert (document.effective_date.isoformat(), document.title) == ("2024-05-05", "Privacy Policy")
    assert document.permalink == "/documentation/Security/Privacy-Policy/"


def test_every_sentence_is_bound_and_all_but_one_need_a_mechanism(ours):
    assert not ours.bound.unbound
    assert not ours.bound.missing
    needing = [clause for _, clause in ours.bound.clauses if clause.needs_mechanism]
    assert len(needing) == 39
    assert all(clause.promises for clause in needing)
    assert {p for clause in needing for p in clause.promises} == set(Promise)


def test_each_clause_says_the_sentence_word_for_word(ours):
    for sentence, clause in ours.bound.clauses:
        assert clause.says == sentence.text
        assert clause.at == sentence.id


def test_the_original_is_recognised_with_the_same_ids_and_clauses(ours, original):
    theirs = load(original)
    assert theirs.bound.document.effective_date == ours.bound.document.effective_date
    assert [(s.id, c.name) for s, c in theirs.bound.clauses] == [(s.id, c.name) for s, c in ours.bound.clauses]
    assert [s.id for s in parse(original.read_bytes())] == IDS, "also without a table, by the sections alone"


def test_not_a_line_of_the_original_is_in_ours(ours, original):
    theirs = parse(original.read_bytes())
    mine = ours.bound.document
    assert not {s.sha256 for s in theirs} & {s.sha256 for s in mine}
    assert not {normalise(h) for s in theirs for h in s.path} & {normalise(h) for s in mine for h in s.path}
    assert runs([theirs.sentences[3].text + " x"]) & runs(s.text for s in theirs), "the search can find a copied run"
    whole = [" ".join(s.text for s in theirs)], [" ".join(s.text for s in mine)]
    assert not runs(whole[0]) & runs(whole[1])


def test_the_facts_are_kept(ours, original):
    def facts(text):
        return set(re.findall(r"\S+@\S+\.com|Optimibi|2024", text))

    mine = {fact.casefold() for fact in facts(ours.raw.decode())}
    theirs = {re.sub(r"^\*+", "", fact).casefold() for fact in facts(original.read_text())}
    assert {"optimibi", "2024"} <= mine
    assert "info@optimibi.com" in ours.raw.decode()
    assert any("info@optimibi.com" in fact for fact in theirs)


def test_the_numbers_that_drive_the_service_are_set_with_their_clauses(ours):
    found = {
        name: (n.value, n.clause.at)
        for name in ("key_backup_days", "answer_days", "opt_out_seconds")
        if (n := ours.bound.number(name))
    }
    assert found == {"key_backup_days": (7, "7.3"), "answer_days": (30, "3a.3"), "opt_out_seconds": (60, "3a.6")}
    for line in ours.table.read_text().splitlines():
        if line.startswith("numbers."):
            assert "# " in line, "each number says why"
