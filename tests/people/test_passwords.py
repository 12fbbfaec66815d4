"""Passwords: how they are hashed, how many at once, and which are refused."""

import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import Unavailable
from avow.people import guessing, hashing, password_rules


def test_argon2id_with_owasp_parameters_over_a_pepper(monkeypatch):
    encoded = make_password("a long and quiet phrase")
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in encoded
    assert len(encoded) <= 128
    assert check_password("a long and quiet phrase", encoded)
    assert not check_password("a long and quiet phrasf", encoded)
    assert not identify_hasher(encoded).must_update(encoded)
    monkeypatch.setattr(hashing, "secret", lambda name: b"another installation's pepper")
    assert not check_password("a long and quiet phrase", encoded)


@given(st.text(max_size=200))
def test_any_text_can_be_a_password(text):
    assert len(hashing.peppered(text)) == 44


def test_a_letter_is_the_same_from_every_keyboard():
    """It bites: without the one form, "é" from one machine is not "é" from another."""
    encoded = make_password("caf\u00e9 au bord de la mer")
    assert check_password("cafe\u0301 au bord de la mer", encoded)
    assert not check_password("cafe au bord de la mer", encoded)


def test_only_a_few_hashes_run_at_once():
    """It bites: without the semaphore all eight are inside together."""
    inside, most, slots = [], [], threading.BoundedSemaphore(2)

    def one():
        with hashing.one_of_few(slots, patience=5):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    crowd = [threading.Thread(target=one) for _ in range(8)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(most) == 8
    assert max(most) == 2


def test_who_waits_too_long_is_told_to_come_back():
    slots = threading.BoundedSemaphore(1)
    with hashing.one_of_few(slots), pytest.raises(Unavailable), hashing.one_of_few(slots, patience=0.01):
        pass


EASY = [
    "password12345678", "passwordpassword", "qwertyuiopasdfghjkl", "aaaaaaaaaaaaaaa", "P4ssw0rdP4ssw0rd", "Optimibi2024Optimibi!",
    "iloveyouiloveyou1", "monkeydragonwelcome", "abcabcabcabcabc", "98765432109876543210", "qwerty123456789", "adminadminadmin1",
]  # fmt: skip
GOOD = [
    "correct horse battery staple",
    "the quiet river under",
    "x7fk29qpw83mzrt",
    "vier kleine boote im hafen",
    "Çok uzun bir şifre",
]


@pytest.mark.parametrize("password", EASY)
def test_long_but_easy_passwords_are_refused(password):
    """Django's own list lets most of these pass: it is empty in practice at this length."""
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", GOOD)
def test_phrases_need_no_signs_and_no_capitals(password):
    validate_password(password)


def test_fourteen_characters_are_too_few_and_there_is_no_upper_bound():
    with pytest.raises(ValidationError):
        validate_password("x7fk29qpw83mzr")
    validate_password("a quiet phrase that nobody knows " * 40)


def test_ones_own_name_and_address_are_known_words():
    password_rules.refuse("ada.lovelace1815", ())  # a stranger would have to guess it
    with pytest.raises(ValidationError):
        password_rules.refuse("ada.lovelace1815", ["Ada Lovelace", "ada@example.com"])


@given(st.text(max_size=80))
def test_the_estimate_never_fails_and_never_exceeds_plain_length(text):
    assert 0 <= guessing.bits(text) <= 4.7 * len(text.casefold()[: guessing.READ]) + 1e-6


@given(st.text("abcdefghij", min_size=1, max_size=12), st.integers(2, 5))
def test_saying_it_again_adds_next_to_nothing(text, times):
    assert guessing.bits(text * times) <= guessing.bits(text) + times
