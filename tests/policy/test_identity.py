"""What makes a sentence the same. Tried: keeping punctuation in normalise, and dropping marks inside numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.policy.identity import Fate, fingerprint, normalise, relink
from avow.policy.parsing import parse


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We don’t sell “data”.", 'we don\'t sell "data"'),
        ("data — and it is", "data—and it is"),
        ("**We** do\nthis", "We do this"),
        ("ﬁle ２０２４", "file 2024"),
        ("sha\u00adred", "shared"),
        ("データ を集め", "データを集め"),
    ],
)
def test_dress_changes_nothing(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We keep it 1.5 years", "We keep it 15 years"),
        ("We share 5% of it", "We share 5 of it"),
        ("It costs 5 €", "It costs 5"),
        ("We do sell", "We do not sell"),
        ("people aged 13+", "people aged 13"),
    ],
)
def test_a_change_of_meaning_is_another_sentence(one, other):
    assert fingerprint(one) != fingerprint(other)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


def sentences(text):
    return parse(text.encode(), undated=True).sentences


def fates(old, new):
    return [
        (link.fate, link.old and link.old.id, link.new and link.new.id)
        for link in relink(sentences(old), sentences(new))
    ]


def test_relinking_prefers_the_same_heading_then_anywhere_then_likeness():
    old = "## 1. A\n\nAsk us. We never sell your data to anyone.\n\n## 2. B\n\nAsk us. We keep mail for ten days."
    new = "## 1. B\n\nAsk us.\n\n## 2. A\n\nWe sell your data to anyone. Ask us. Quite new words here.\n\n## 3. C\n\nWe keep mail for ten days."
    assert fates(old, new) == [
        (Fate.SAME, "2.1", "1.1"),
        (Fate.EDITED, "1.2", "2.1"),
        (Fate.SAME, "1.1", "2.2"),
        (Fate.ADDED, None, "2.3"),
        (Fate.MOVED, "2.2", "3.1"),
    ]


def test_what_is_gone_is_said_last():
    assert fates("We do this thing. Another one here.", "Another one here.")[-1] == (Fate.REMOVED, "0.1", None)


def test_likeness_does_not_look_at_what_a_change_means():
    link = relink(
        sentences("We do not sell your personal data to others."),
        sentences("We may sell your personal data to others."),
    )
    assert link[0].fate is Fate.EDITED
    assert link[0].likeness > 0.8


WORDS = st.lists(st.sampled_from(["we", "keep", "sell", "no", "data", "mail", "you", "ask"]), min_size=1, max_size=6)
POLICY = st.lists(WORDS.map(lambda words: " ".join(words).capitalize() + "."), min_size=1, max_size=12).map(" ".join)


@given(POLICY, POLICY)
def test_every_sentence_of_both_has_exactly_one_link(old, new):
    links = relink(sentences(old), sentences(new))
    assert sorted(link.old.id for link in links if link.old) == sorted(s.id for s in sentences(old))
    assert sorted(link.new.id for link in links if link.new) == sorted(s.id for s in sentences(new))


@given(POLICY)
def test_a_text_relinks_to_itself(text):
    assert {link.fate for link in relink(sentences(text), sentences(text))} == {Fate.SAME}
