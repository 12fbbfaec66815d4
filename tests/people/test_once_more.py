"""
What hands an account over asks once more: a copy of everything, and a new address.

Tried: without `once_more` in `export` or in `correct` a session that was left open for an hour is enough.
"""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from avow.people.models import Account, PendingAddress, Session
from avow.policy.promises import Promise
from tests.people.app import Clock, set_up
from tests.people.device import SIGN_UP, make
from tests.people.third_party import sign_up
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.PASSWORD_PROTECTION)]


def left_open(walker):
    """The session is an hour old."""
    session = walker.client.session
    for record in session.get("account_authentication_methods", []):
        record["at"] = time.time() - 3600
    session.save()
    Session.objects.update(signed_in_at=timezone.now() - timedelta(hours=1))


def test_a_copy_is_handed_over_after_the_password(ada):
    assert ada.post("/data/export").headers["Content-Type"] == "application/zip"
    left_open(ada)
    asked = ada.post("/data/export")
    assert asked.status_code == 302 and asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert ada.post(asked.headers["Location"], password="not mine, at any rate").status_code == 200
    handed = ada.post(asked.headers["Location"], password=PASSWORD)
    assert handed.headers["Content-Type"] == "application/zip"


def test_a_new_address_is_taken_after_the_password_as_it_was_typed(ada, box):
    left_open(ada)
    asked = ada.post("/data/email", value="new@example.com")
    assert not PendingAddress.objects.exists()
    assert ada.post(asked.headers["Location"], password=PASSWORD).headers["Location"] == "/data/email/code"
    assert box("new@example.com") and PendingAddress.objects.exists()
    left_open(ada)
    assert ada.post("/data/name", value="Ada King").headers["Location"] == "/data", "a name gives nothing away"


def test_allauths_own_page_about_addresses_asks_too(ada, box):
    """It bites: allauth's page asks nobody, and whoever has the address has the account."""
    left_open(ada)
    asked = ada.post("/accounts/email/", email="new@example.com", action_add="")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/") and not box("new@example.com")
    assert ada.get("/accounts/email/").status_code == 302


def test_a_first_password_asks_for_the_passkey_that_guards_the_account(somebody):
    """It bites: allauth's page asks nobody; somebody at the screen of a passkey's account would set a password of theirs."""
    bob = somebody("")
    bob.post("/accounts/signup/passkey/", email="", name="", phone="")
    make(bob, at=SIGN_UP)
    assert bob.get("/accounts/password/set/").status_code == 200
    left_open(bob)
    answer = bob.post("/accounts/password/set/", password1="nine boats on a bay", password2="nine boats on a bay")
    assert answer.headers["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/")
    assert not Account.objects.get().has_usable_password()


def test_where_a_third_party_guards_the_account_one_signs_in_there_again(somebody, third_party):
    eve = somebody("eve@example.com")
    sign_up(eve)
    left_open(eve)
    assert eve.post("/data/export").headers["Location"] == "/sign-in-ways"
    set_up_after_signing_in_again(eve)
    left_open(eve)
    asked = eve.post("/data/export").headers["Location"]
    assert asked.startswith("/accounts/2fa/reauthenticate/")


def set_up_after_signing_in_again(eve):
    Session.objects.update(signed_in_at=timezone.now())
    if time.time() % 30 > 20:
        time.sleep(11)
    return set_up(eve, Clock())
