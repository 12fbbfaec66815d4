"""What people type into the two free fields, and what is kept of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.people import names, phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("+44 20 7946 0958", "+442079460958"), ("+1 (415) 555-2671", "+14155552671"), ("+41446681800", "+41446681800")],
)
def test_a_number_with_its_country_is_kept_in_its_one_form(typed, kept):
    assert phone.e164(typed) == phone.e164(kept) == kept


@pytest.mark.parametrize(
    "typed", ["020 7946 0958", "+", "", "+0", "hello", "+44 12", "+44 20 7946 0958 ext 5", "1" * 10_000]
)
def test_anything_else_is_refused_with_what_to_do(typed):
    with pytest.raises(BadInput, match="with its country") as refusal:
        phone.e164(typed)
    assert str(refusal.value) == phone.SENTENCE  # always the same, so it repeats nothing that was typed


@given(st.text(max_size=60))
def test_a_number_is_refused_or_kept_in_a_form_that_reads_back(typed):
    try:
        kept = phone.e164(typed)
    except BadInput:
        return
    assert phone.e164(kept) == kept


@pytest.mark.parametrize("name", ["Ada", "A", "José María", "王小明", "محمد", "Nguyễn Thị", "O’Neill-Smith", "می‌خواهم"])
def test_names_of_people_stay_as_they_are(name):
    assert names.written(f"  {name} ") == unicodedata.normalize("NFC", name)


@given(st.text(max_size=300))
def test_what_is_kept_has_one_line_no_hidden_characters_and_reads_back(typed):
    try:
        kept = names.written(typed)
    except BadInput:
        return
    assert names.written(kept) == kept
    assert len(kept) <= names.LONGEST
    assert not any(unicodedata.category(c) in names.HIDDEN and c not in names.JOINERS for c in kept)


def test_right_to_left_tricks_and_line_breaks_are_gone():
    assert names.written("Ada\u202e\r\nBcc: x") == "Ada Bcc: x"


def test_ten_thousand_characters_are_too_many():
    with pytest.raises(BadInput):
        names.written("a" * 10_000)
