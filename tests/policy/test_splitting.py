"""Where sentences end. Tried: without NEVER_END "Mr. Smith" splits; without the initials rule "z. B." does."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.policy.splitting import spans, split

CASES = [
    ("We do this. We do that.", ["We do this.", "We do that."]),
    ("We use e.g. Google and i.e. Stripe. You may ask.", ["We use e.g. Google and i.e. Stripe.", "You may ask."]),
    (
        "Widgets Inc. keeps it. Ask Widgets Inc. We answer.",
        ["Widgets Inc. keeps it.", "Ask Widgets Inc.", "We answer."],
    ),
    ("We run in the U.S. Senate. In the U.S. We do.", ["We run in the U.S. Senate.", "In the U.S.", "We do."]),
    ("Das gilt z. B. Wien, d. h. Orte. Wir tun es.", ["Das gilt z. B. Wien, d. h. Orte.", "Wir tun es."]),
    ("Stand 5. Mai 2024. Wir tun es.", ["Stand 5. Mai 2024.", "Wir tun es."]),
    (
        "Ask Mr. Smith about Art. 6 and vgl. Abs. Zwei. He knows.",
        ["Ask Mr. Smith about Art. 6 and vgl. Abs. Zwei.", "He knows."],
    ),
    ("Under the age of 16. We stop.", ["Under the age of 16.", "We stop."]),
    ("We keep 1.5 GB at https://a.example/b.c. Then not.", ["We keep 1.5 GB at https://a.example/b.c.", "Then not."]),
    ("It says “Personal Data.” We agree.", ["It says “Personal Data.”", "We agree."]),
    ("(Why so?) Because.", ["(Why so?)", "Because."]),
    ("J. R. Smith answers. Ask him.", ["J. R. Smith answers.", "Ask him."]),
    ("我们收集数据。您可以删除！真的吗？」是的。", ["我们收集数据。", "您可以删除！", "真的吗？」", "是的。"]),
    ("データを集めます。削除できます。", ["データを集めます。", "削除できます。"]),
    ("We may share it as follows:", ["We may share it as follows:"]),
    ("one; two; three: four, five", ["one; two; three: four, five"]),
    ("1. We collect. 2. We keep.", ["1. We collect.", "2. We keep."]),
    ("We share. (a) Names. (b) Mail.", ["We share.", "(a) Names.", "(b) Mail."]),
    ("We care… Really. –", ["We care…", "Really. –"]),
    ("It ends without a full stop", ["It ends without a full stop"]),
    ("(a)", ["(a)"]),
    ("…", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "sentences"), CASES)
def test_sentences_end_where_a_reader_would_end_them(text, sentences):
    assert split(text) == sentences


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from(".!? \n。“”()aA1"), max_size=200))
def test_no_letter_or_digit_is_lost_and_none_is_in_two_sentences(text):
    found = spans(text)
    assert found == sorted(found)
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in itertools.pairwise(found))
    covered = {i for start, end in found for i in range(start, end)}
    assert not [c for i, c in enumerate(text) if c.isalnum() and i not in covered]
