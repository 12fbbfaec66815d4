"""Addresses as tokens: one token whatever the spelling, no address in the tables, and forgetting that spares others.

Bites: an index without the pepper fails `test_a_thief_of_both_databases_cannot_test_a_guess`; a `held_alone` that ignores other
holders fails `test_forgetting_spares_who_else_holds_the_address`; without the advisory lock
`test_taking_up_a_token_waits_for_whoever_removes_it` fails.
"""

import hashlib
import hmac
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import BadInput, PurposeRefused
from avow.policy.purposes import Purpose
from avow.vault import addresses
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys.models import AddressToken
from avow.vault.models import AddressSealed
from avow.vault.normalising import EMAIL, PHONE, normalise

ADA = "Ada.L+news@Example.COM"


@pytest.mark.parametrize(
    ("kind", "written", "same"),
    [
        (EMAIL, " Ada@example.com ", "ada@EXAMPLE.com"),
        (EMAIL, "ａda@example.com", "ada@example.com"),  # full width
        (EMAIL, "BOB@MÜNCHEN.DE", "bob@xn--mnchen-3ya.de"),
        (EMAIL, "STRASSE@example.com", "straße@example.com"),
        (PHONE, "+44 (1632) 960-001", "+441632960001"),
        (PHONE, "＋44 1632 960001", "+441632960001"),
    ],
)
def test_spellings_of_one_address_are_one(kind, written, same):
    assert normalise(kind, written) == normalise(kind, same)


@pytest.mark.parametrize(
    ("one", "other"), [("ada.l@x.example", "adal@x.example"), ("ada+1@x.example", "ada@x.example")]
)
def test_dots_and_plus_tags_tell_people_apart(one, other):
    assert normalise(EMAIL, one) != normalise(EMAIL, other)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [(EMAIL, ""), (EMAIL, "ada"), (EMAIL, "@x.example"), (EMAIL, "a b@x.example"), (PHONE, "12"), (PHONE, "0163296")],
)
def test_what_is_no_address_is_refused_without_repeating_it(kind, wrong):
    with pytest.raises(BadInput) as refused:
        normalise(kind, wrong)
    assert not wrong or wrong not in str(refused.value)


@given(st.emails())
def test_normalising_twice_changes_nothing(address):
    try:
        once = normalise(EMAIL, address)
    except BadInput:
        return
    assert normalise(EMAIL, once) == once


def test_a_token_is_minted_once_and_found_by_any_spelling(person, now):
    token = addresses.token_for(EMAIL, ADA, person, now)
    assert len(token) == 24
    assert token == token.lower()
    assert addresses.token_for(EMAIL, ADA.upper(), person, now) == token == addresses.find(EMAIL, ADA.lower())
    assert addresses.find(EMAIL, "somebody@else.example") is None
    assert AddressSealed.objects.count() == 1


def test_an_address_opens_as_it_was_given_for_its_person_and_a_permitted_purpose(person, now):
    other = enrol(now=now)
    token = addresses.token_for(EMAIL, ADA, person, now)
    addresses.token_for(EMAIL, ADA.lower(), other, now)
    assert addresses.open_address(token, person, Purpose.COMMUNICATION, by=THE_PERSON, now=now) == ADA
    assert addresses.open_address(token, other, Purpose.COMMUNICATION, now=now) == ADA.lower()
    assert addresses.open_address(token, enrol(now=now), Purpose.COMMUNICATION, now=now) is None
    with pytest.raises(PurposeRefused):
        addresses.open_address(token, person, Purpose.AGENT_DELIVERY, now=now)


def test_a_thief_of_both_databases_cannot_test_a_guess(person, now, superuser, tmp_path):
    addresses.token_for(EMAIL, ADA, person, now)
    with superuser() as one, superuser("avow_keys") as two:
        stolen = repr(one.execute("SELECT * FROM vault_addresssealed").fetchall())
        index = two.execute("SELECT idx FROM vault_keys_addresstoken").fetchone()[0]
        stolen += repr(two.execute("SELECT * FROM vault_keys_addresstoken").fetchall())
    assert str(person) in stolen  # the search can find
    assert "xample" not in stolen.lower()
    plain = normalise(EMAIL, ADA).encode()
    guesses = [hashlib.new(h, plain).digest()[:16] for h in ("md5", "sha1", "sha256")]
    guesses += [hmac.digest(key, plain, "sha256")[:16] for key in (b"", b"email", b"bi:email:v1")]
    assert index not in guesses
    assert index == addresses.blind_index(EMAIL, ADA)  # with the pepper one can
    with override_settings(KEYRING_FOLDER=tmp_path):
        assert index != addresses.blind_index(EMAIL, ADA)  # with all our code and another pepper one cannot


def test_forgetting_spares_who_else_holds_the_address(person, now):
    other = enrol(now=now)
    shared = addresses.token_for(EMAIL, ADA, person, now)
    addresses.token_for(EMAIL, ADA, other, now)
    own = addresses.token_for(PHONE, "+441632960001", person, now)
    assert addresses.forget(person) == 2
    assert addresses.find(PHONE, "+441632960001") is None
    assert addresses.find(EMAIL, ADA) == shared
    assert addresses.open_address(shared, other, Purpose.ACCOUNT, now=now) == ADA
    assert addresses.open_address(own, person, Purpose.ACCOUNT, now=now) is None
    assert addresses.forget(person) == 0
    assert addresses.forget(other) == 1
    assert AddressToken.objects.count() == 0


def test_letting_one_address_go_leaves_the_others(person, now):
    old = addresses.token_for(EMAIL, "old@x.example", person, now)
    new = addresses.token_for(EMAIL, "new@x.example", person, now)
    addresses.let_go(old, person)
    assert addresses.find(EMAIL, "old@x.example") is None
    assert addresses.open_address(new, person, Purpose.ACCOUNT, now=now) == "new@x.example"


def test_who_rolls_back_keeps_the_address_and_its_token(person, now):
    """It bites: a token removed inside the caller's transaction is gone from the other database for good."""
    token = addresses.token_for(EMAIL, ADA, person, now)
    for act in (lambda: addresses.let_go(token, person), lambda: addresses.forget(person)):
        with pytest.raises(RuntimeError), transaction.atomic():
            act()
            raise RuntimeError
        assert addresses.find(EMAIL, ADA) == token
        assert addresses.open_address(token, person, Purpose.ACCOUNT, now=now) == ADA


def test_an_address_let_go_and_taken_again_in_one_transaction_keeps_its_token(person, now):
    token = addresses.token_for(EMAIL, ADA, person, now)
    with transaction.atomic():
        addresses.let_go(token, person)
        assert addresses.token_for(EMAIL, ADA, person, now) == token
    assert addresses.find(EMAIL, ADA) == token


def test_tokens_that_nobody_took_up_are_swept_after_a_day(person, now):
    kept = addresses.token_for(EMAIL, ADA, person, now)
    with pytest.raises(RuntimeError), transaction.atomic():
        addresses.token_for(EMAIL, "gone@x.example", person, now)
        raise RuntimeError  # the sign-up is rolled back; its token stays among the keys
    assert AddressToken.objects.count() == 2
    assert addresses.sweep(now=now) == 0
    assert addresses.sweep(now=now + timedelta(days=400)) == 1
    assert list(AddressToken.objects.values_list("token", flat=True)) == [kept]


def test_taking_up_a_token_waits_for_whoever_removes_it(person, now):
    """The removal holds the token's lock; who comes beside it waits, and never ends with a dead one."""
    other = enrol(now=now)
    addresses.token_for(EMAIL, ADA, person, now)
    took = []

    def take_up():
        took.append(addresses.token_for(EMAIL, ADA, other, now))
        connections.close_all()

    with transaction.atomic():
        addresses.held_alone(person)
        beside = threading.Thread(target=take_up)
        beside.start()
        beside.join(0.5)
        assert took == []
        addresses.forget(person)
    beside.join(60)
    assert took
    assert addresses.find(EMAIL, ADA) == took[0]
    assert addresses.open_address(took[0], other, Purpose.ACCOUNT, now=now) == ADA
