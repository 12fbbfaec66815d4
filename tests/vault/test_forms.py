"""A mask gives enough to recognise a value and too little to use it; comparing knows every spelling.

It bites: two first letters in `_first`, three last digits, no cap on the ending of a domain, a mask as long as its value, and
a mask that is its value ("x…") fail one each; comparing without `_comparable` fails the spellings.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from avow.errors import BadInput
from avow.policy.categories import Category
from avow.vault import forms
from avow.vault.forms import Form

CATEGORIES = st.sampled_from([Category.EMAIL, Category.PHONE, Category.NAME, Category.USER])
PARTS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
EMAILS = st.builds("{}@{}.{}".format, PARTS, PARTS, PARTS)
PHONES = st.from_regex(r"\+[1-9][0-9]{6,13}", fullmatch=True)
VALUES = st.one_of(st.text(max_size=40), EMAILS, PHONES)


@pytest.mark.parametrize(
    ("value", "category", "mask"),
    [
        ("vera@example.com", Category.EMAIL, "v…@e….com"),
        ("v@e.com", Category.EMAIL, "v…@e….com"),
        ("vera@localhost", Category.EMAIL, "v…@l….…"),
        ("vera@shop.lovelace", Category.EMAIL, "v…@s….…"),  # an ending that is somebody's name
        ("no address", Category.EMAIL, "n…"),
        ("+44 20 7946 0958", Category.PHONE, "…58"),
        ("Ada Lovelace", Category.NAME, "A…"),
        ("A", Category.NAME, "A…"),
        ("", Category.NAME, "…"),
        ("\u202eecalevoL", Category.NAME, "…"),  # what turns a line around
        ("A…", Category.NAME, "…"),
        ("…12", Category.PHONE, "…"),
    ],
)
def test_what_a_mask_leaves(value, category, mask):
    assert forms.masked(value, category) == mask


@given(VALUES, CATEGORIES)
@example("a@b.c", Category.EMAIL)
@example("x…", Category.NAME)
def test_a_mask_never_shows_more_than_it_may_and_never_is_the_value(value, category):
    mask = forms.masked(value, category)
    assert mask != value
    if category is Category.PHONE:
        shown = mask.removeprefix("…")
        assert len(shown) <= 2 and all(digit.isdecimal() for digit in shown)
        return
    if "@" not in mask:
        assert len(mask.replace("…", "")) <= 1
        return
    name, domain = mask.split("@")
    first, _, ending = domain.partition("….")
    assert len(name.removesuffix("…")) <= 1 and len(first) <= 1 and len(ending) <= forms.LONGEST_ENDING
    assert ending == "…" or value.strip().endswith("." + ending)


@given(PARTS, PARTS, st.integers(0, 30))
def test_a_mask_does_not_tell_how_long_the_value_is(name, domain, more):
    longer = forms.masked(f"{name}{'x' * more}@{domain}{'y' * more}.org", Category.EMAIL)
    assert longer == forms.masked(f"{name}@{domain}.org", Category.EMAIL)
    assert forms.masked(name + "z" * (more + 1), Category.NAME) == forms.masked(name + "z", Category.NAME)
    assert forms.masked(f"+44{'1' * (more + 3)}", Category.PHONE) == forms.masked("+44111", Category.PHONE)


@given(VALUES, CATEGORIES)
def test_whole_is_the_value_and_what_may_only_be_compared_is_never_shown(value, category):
    assert forms.shown(value, Form.WHOLE, category) == value
    assert forms.shown(value, Form.MASKED, category) == forms.masked(value, category)
    with pytest.raises(AssertionError):
        forms.shown(value, Form.COMPARED, category)


@given(st.lists(st.sampled_from(Form), min_size=1))
def test_forms_are_in_an_order(several):
    assert forms.least(*several) == (
        Form.COMPARED if Form.COMPARED in several else Form.MASKED if Form.MASKED in several else Form.WHOLE
    )
    assert forms.most(*several) == (
        Form.WHOLE if Form.WHOLE in several else Form.MASKED if Form.MASKED in several else Form.COMPARED
    )


@pytest.mark.parametrize(
    ("category", "held", "given", "same"),
    [
        (Category.EMAIL, "Vera@Example.com", " vera@example.COM ", True),
        (Category.EMAIL, "vera@example.com", "vera@example.org", False),
        (Category.PHONE, "+44 20 7946 0958", "+442079460958", True),
        (Category.PHONE, "+442079460958", "+442079460959", False),
        (Category.PHONE, "not a number", "+442079460959", False),  # kept from another time
        (Category.NAME, "Ada  Lovelace", "ada lovelace", True),
        (Category.NAME, "Ada", "Ada L", False),
        (Category.NAME, "", "", True),
    ],
)
def test_the_same_in_another_spelling(category, held, given, same):
    assert forms.same(category, held, given) is same


def test_what_is_no_number_is_said_to_be_none():
    with pytest.raises(BadInput, match="no phone number"):
        forms.same(Category.PHONE, "+442079460958", "0958")
