"""
The search itself: it finds every form of a value wherever it begins, and in nothing else.

It bites (each tried): patterns looked for at their first four bytes alone are missed at three places of four; a value
across two strides is missed when strides do not overlap; without the cut at its ends base64 is found only by itself.
"""

import base64
import json
import os
import random

import pytest

from tests import marks
from tests.at_rest import look
from tests.marks import Search, forms

VALUES = {
    "address": "zoë.quorvexil@example.com", "name": "Zoë Quorvexil-Ümbra", "phone": "+12125550187",
    "ip": "2001:db8:51:7c:9a2e:41ff:fe0b:77d3", "question": "Where does my quorvexil report lie?",
}  # fmt: skip


@pytest.fixture(scope="module")
def search():
    return Search(VALUES)


def test_every_form_is_found_wherever_it_begins(search):
    dice = random.Random(7)
    for name, value in VALUES.items():
        for form, coded in forms(value):
            before, after = (bytes(dice.choices(range(256), k=dice.randrange(9))) for _ in range(2))
            found = search.within(before + dice.choice((coded, coded.swapcase())) + after)
            assert name in {one for one, _ in found}, (name, form)


def test_base64_is_found_within_more(search):
    for before in range(12):
        for coded in (base64.b64encode, base64.urlsafe_b64encode):
            told = coded(b"x" * before + VALUES["name"].encode() + b"yz")
            assert {name for name, _ in search.within(b"{" + told + b"}")} == {"name"}


def test_a_mail_folds_its_lines_and_is_read(search):
    folded = base64.encodebytes(b"A letter of some length to somebody. " * 3 + VALUES["address"].encode())
    assert {name for name, _ in look(search, folded)} == {"address"}


def test_parts_and_other_spellings_are_found(search):
    for said, name in {
        "zoë.quorvexil": "address", "Quorvexil-Ümbra": "name", "00 12125550187": "phone", "2125550187": "phone",
        "2001:0db8:0051:007c:9a2e:41ff:fe0b:77d3": "ip", json.dumps({"to": VALUES["address"]}): "address",
    }.items():  # fmt: skip
        assert {one for one, _ in search.within(said.encode())} == {name}, said


def test_it_is_found_across_strides(search, monkeypatch):
    monkeypatch.setattr(marks, "STRIDE", 64)
    for before in range(40, 70):
        assert search.within(b"-" * before + VALUES["name"].encode() + b"-" * 40)


def test_random_bytes_hold_nothing(search):
    assert not search.within(os.urandom(3_000_000))
    assert not search.within(b"") and not search.within(b"abc")


def test_what_is_too_short_is_refused():
    with pytest.raises(AssertionError, match="too short"):
        Search({"initials": "zq"})
