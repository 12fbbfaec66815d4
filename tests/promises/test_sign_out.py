"""Signing out ends the session everywhere it is stored; a cookie that was kept opens nothing."""

import pytest
from django.test import Client

from avow.people import application_sessions, signing
from avow.people.models import Session
from avow.people.sessions import SessionStore
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.SIGN_OUT)]


def replay(cookie, url="/accounts/email/"):
    thief = Client(SERVER_NAME="127.0.0.1")
    thief.cookies["session"] = cookie
    return thief.get(url)


def test_a_cookie_that_was_kept_opens_nothing_after_signing_out(ada):
    """It bites: with a sign-out that only forgets the cookie, the replay answers 200."""
    stolen = ada.client.cookies["session"].value
    assert replay(stolen).status_code == 200  # the theft works
    ada.sign_out()
    assert replay(stolen).status_code == 302
    assert not Session.objects.exclude(signed_in_at=None).exists()


def test_the_browser_is_told_to_drop_what_it_keeps(ada):
    answer = ada.sign_out()
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in ada.get("/accounts/login/").headers


def test_looking_at_the_page_signs_nobody_out(ada):
    """A link or a picture on another site must not do it."""
    ada.get("/accounts/logout/")
    assert ada.is_signed_in


def test_signing_out_everywhere_ends_every_browser_and_nobody_elses(ada, somebody):
    from datetime import UTC, datetime

    elsewhere, bob = somebody(), somebody("bob@example.com").join()
    elsewhere.sign_in()
    cookies = [person.client.cookies["session"].value for person in (ada, elsewhere)]
    assert signing.sign_out_everywhere(ada.person, now=datetime.now(UTC)) == 2
    assert [replay(cookie).status_code for cookie in cookies] == [302, 302]
    assert replay(bob.client.cookies["session"].value).status_code == 200


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    how = "signing out leaves the session's row, or what an application got in it"
    with shown_to_fail("a-signed-out-cookie-opens-nothing", how=how) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(SessionStore, "delete", lambda self, session_key=None: None)
            assert "cookie" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(application_sessions, "end_of_browser", lambda person, cookie, *, now: None)
            assert "application" in trial.fails()
        trial.holds()
    assert not Session.objects.exists()  # the check leaves nothing
