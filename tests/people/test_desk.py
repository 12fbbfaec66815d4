"""The desk: who may enter."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from avow.errors import NotFound
from avow.people import deletion, desk
from avow.people.models import Account
from tests.people import app

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def account(ada):
    return Account.objects.get(person=ada.person)


def test_an_account_may_enter_after_somebody_with_a_shell_said_so(ada):
    assert not desk.require(account(ada))
    desk.grant("Ada@Example.com", NOW)
    assert desk.require(account(ada))
    desk.grant("ada@example.com", datetime.now(UTC))
    assert account(ada).desk_since == NOW
    desk.revoke("ada@example.com", NOW)
    assert not desk.require(account(ada))


def test_nobody_else_may(ada):
    assert not desk.require(AnonymousUser())
    assert not desk.require(None)
    desk.grant("ada@example.com", NOW)
    deletion.suspend(ada.person)
    assert not desk.require(account(ada))


def test_an_address_without_account_is_refused_and_so_is_one_that_nobody_confirmed(somebody):
    bob = somebody("bob@example.com")
    bob.sign_up()
    for address in ("bob@example.com", "eve@example.com"):
        with pytest.raises(NotFound):
            desk.grant(address, NOW)


def test_the_desk_asks_for_a_second_step_at_each_of_its_doors(ada, monkeypatch):
    """It bites: a gate that asks for the desk alone lets a password in that somebody found out."""
    monkeypatch.setattr(settings, "DEMO", False)
    desk.grant("ada@example.com", NOW)
    for door in ("/desk", "/desk/requests", "/desk/openings", "/desk/law", "/desk/holds", "/desk/releases"):
        assert ada.get(door).headers["Location"] == "/sign-in-ways", door
    assert "set up an authenticator app or a passkey first" in ada.get("/sign-in-ways").content.decode()
    monkeypatch.setattr(settings, "DEMO", True)
    assert ada.get("/desk").status_code == 200
    monkeypatch.setattr(settings, "MAIL_RELAY", "smtp://127.0.0.1:9")
    assert ada.get("/desk").status_code == 302, "where mail really leaves, it is no demo"
    app.guard(ada.person)
    assert ada.get("/desk").status_code == 200
    Authenticator.objects.all().delete()
    assert ada.get("/desk").status_code == 302, "it is taken away: the desk closes at once"


def test_in_the_demo_a_first_look_takes_no_phone(ada, monkeypatch):
    monkeypatch.setattr(settings, "DEMO", True)
    desk.grant("ada@example.com", NOW)
    assert ada.get("/desk").status_code == 200
