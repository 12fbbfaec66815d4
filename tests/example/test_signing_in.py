"""Signing in to Optimibi through a live Avow, and all that a tired person does on the way.

It bites: without `renew` in `begin` the session from before opens what comes after; without the first line of `back` the
back button ends in a refusal; with the number kept from an earlier asking, one that was withdrawn is used once more (tried).
"""

from datetime import UTC, datetime

import pytest
import requests

from tests.example.browsing import Browser
from tests.faults.house import free_port
from tests.stories.conftest import site  # noqa: F401 - a fixture
from tests.web.conftest import PASSWORD, resident

SECRET = "the example's own secret"


@pytest.fixture
def optimibi(site, make, serve, monkeypatch):  # noqa: F811
    """Optimibi, served and registered; its address."""
    from avow.people import evenness, relying
    from avow.people.relying import Feature
    from avow.web.api.host import host_key

    monkeypatch.setattr(evenness, "LEAST", 0.0)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    relying.register(
        "optimibi", name="Optimibi", redirect_uris=[f"{address}/signed-in"], secret=SECRET,
        features={"report-by-text": Feature("phone", "To send it.", back=f"{address}/came-back")},
        told_at=f"{address}/signed-out-there", now=datetime.now(UTC),
    )  # fmt: skip
    made = make(site, port=port, OPTIMIBI_CLIENT_SECRET=SECRET, AVOW_HOST_KEY=host_key())
    served = serve(made, port)
    return Served(served, made)


class Served:
    def __init__(self, address, made):
        self.address, self.made = address, made

    def __str__(self):
        return self.address


@pytest.fixture
def ada(optimibi):
    return resident("ada@example.com", name="Ada Lovelace")


def sign_in(optimibi, browser=None, to="/", *, follow=True):
    """Sign in, or stop at the address that leads back."""
    browser = (browser or Browser()).open(f"{optimibi}/sign-in?to={to}")
    browser.send("/accounts/login/", login="ada@example.com", password=PASSWORD, follow=False)
    browser.open(browser.goes_to, follow=False)
    assert "/signed-in?" in browser.goes_to
    return browser.open(browser.goes_to) if follow else browser


def test_somebody_signs_in_is_greeted_and_led_to_where_she_was(optimibi, ada):
    browser = sign_in(optimibi, to="/reports/17")
    assert browser.page.url == f"{optimibi}/reports/17"
    assert "Ada Lovelace" in browser.text
    assert "ada@example.com" not in browser.text
    assert browser.page.headers["Cache-Control"] == "no-store"
    assert {"optimibi_session", "session"} <= set(browser.session.cookies.keys()), "neither overwrites the other's"
    kept = [dict(session) for session in optimibi.made.session_interface.kept.values()]
    assert len(kept) == 1
    assert "ada@example.com" not in repr(kept)


def test_a_wrong_state_opens_nothing(optimibi, ada):
    browser = sign_in(optimibi, follow=False)
    wrong = browser.goes_to.replace("state=", "state=x")
    assert browser.open(wrong).status == 400
    assert "Sign in again" in browser.text
    assert "Sign out" not in browser.open(f"{optimibi}/").text


def test_a_code_from_another_browser_opens_nothing(optimibi, ada):
    link = sign_in(optimibi, follow=False).goes_to
    victim = Browser().open(link)
    assert victim.status == 400
    assert "Sign out" not in victim.open(f"{optimibi}/").text


def test_an_expired_code_says_so_and_the_next_try_works(optimibi, ada):
    from django.core.cache import cache

    browser = sign_in(optimibi, follow=False)
    link = browser.goes_to
    cache.clear()
    assert browser.open(link).status == 400
    assert "Sign in again" in browser.text
    assert "Ada Lovelace" in browser.open(f"{optimibi}/sign-in").text


def test_the_back_button_leads_on(optimibi, ada):
    browser = sign_in(optimibi, follow=False)
    link = browser.goes_to
    browser.open(link)
    again = browser.open(link)
    assert again.status == 200
    assert again.page.url == f"{optimibi}/"
    assert "Ada Lovelace" in again.text


def test_avow_going_away_in_the_middle_is_said(optimibi, ada):
    browser = sign_in(optimibi, follow=False)
    client = optimibi.made.extensions["avow-sign-in"]
    client.server_metadata["token_endpoint"] = "http://127.0.0.1:9/token"
    assert browser.open(browser.goes_to).status == 503
    assert "Signing in is not possible right now" in browser.text
    assert "Sign out" not in browser.open(f"{optimibi}/").text


def test_signing_out_ends_it(optimibi, ada):
    browser = sign_in(optimibi)
    kept = browser.session.cookies["optimibi_session"]
    browser.send("/sign-out")
    assert "You are signed out of Optimibi" in browser.text
    thief = Browser()
    thief.session.cookies.set("optimibi_session", kept, domain="127.0.0.1")
    assert "Ada Lovelace" not in thief.open(f"{optimibi}/").text


def test_a_session_from_before_the_sign_in_is_not_hers_after_it(optimibi, ada):
    browser = Browser().open(f"{optimibi}/sign-in")
    planted = browser.session.cookies["optimibi_session"]
    sign_in(optimibi, browser)
    thief = Browser()
    thief.session.cookies.set("optimibi_session", planted, domain="127.0.0.1")
    assert "Ada Lovelace" not in thief.open(f"{optimibi}/").text


def test_a_stale_form_is_refused(optimibi, ada):
    browser = sign_in(optimibi)
    old = browser.page
    browser.send("/sign-out")
    sign_in(optimibi, Browser())
    browser.page = old
    assert browser.send("/sign-out").status == 403


def test_without_a_number_it_is_asked_for_and_not_now_leads_back(optimibi, ada):
    browser = sign_in(optimibi, to="/reports/visitors-per-day")
    browser.send("/reports/visitors-per-day/text")
    assert browser.page.url.endswith("/give/optimibi/report-by-text")
    assert "To send it." in browser.text
    browser.open(f"{optimibi}/came-back")
    assert "Not now, then" in browser.text
    assert browser.open(f"{optimibi}/came-back").page.url == f"{optimibi}/", "a second time it is just the start"


def test_a_number_given_is_used_and_one_withdrawn_is_not(optimibi, ada):
    from avow.people import settings_change

    browser = sign_in(optimibi, to="/reports/visitors-per-day")
    browser.send("/reports/visitors-per-day/text")
    browser.send("/give/optimibi/report-by-text", value="+44 7700 900123")
    assert browser.page.url == f"{optimibi}/came-back"
    assert "123</strong>" in browser.text
    assert "447700900" not in browser.text
    settings_change.change(ada.person, "phone", "", now=datetime.now(UTC))
    browser.open(f"{optimibi}/reports/visitors-per-day").send("/reports/visitors-per-day/text")
    assert browser.page.url.endswith("/give/optimibi/report-by-text")


def test_whoever_was_erased_is_signed_out_here_when_avow_is_asked(optimibi, ada):
    browser = sign_in(optimibi, to="/reports/visitors-per-day")
    browser.open(f"{optimibi}/reports/visitors-per-day")
    for session in optimibi.made.session_interface.kept.values():
        session["access"] = "gone"  # as every token is, once the person is erased
    assert browser.send("/reports/visitors-per-day/text").status == 401
    assert "Ada Lovelace" not in browser.open(f"{optimibi}/").text


def tell(change=lambda claims, headers: None):
    """Carry the newest notice as the worker does, with its token changed on the way."""
    from avow.sharing import logouts
    from avow.sharing.logouts_models import LogoutNotice

    [notice] = LogoutNotice.objects.all()
    sent, real = [], logouts.jwt.encode

    def encode(claims, key, *, algorithm, headers):
        change(claims, headers)
        return real(claims, key, algorithm=algorithm, headers=headers)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(logouts.jwt, "encode", encode)
        patched.setattr(logouts.wire, "post", lambda endpoint, body, *_, **__: sent.append((endpoint, body)))
        with pytest.raises(AttributeError):
            logouts.tell(notice.pk, now=datetime.now(UTC))
    return requests.post(sent[0][0], data=sent[0][1], headers=logouts.FORM, timeout=30).status_code


def test_signing_out_at_avow_signs_out_here_at_once(optimibi, ada):
    from avow.people import signing
    from avow.sharing import logouts
    from avow.sharing.logouts_models import LogoutNotice

    browser, other = sign_in(optimibi), sign_in(optimibi)
    assert "Ada Lovelace" in browser.open(f"{optimibi}/").text
    signing.sign_out_everywhere(ada.person, now=datetime.now(UTC))
    for notice in LogoutNotice.objects.all():
        assert logouts.tell(notice.pk, now=datetime.now(UTC))
    assert "Ada Lovelace" not in browser.open(f"{optimibi}/").text
    assert "Ada Lovelace" not in other.open(f"{optimibi}/").text


@pytest.mark.parametrize(
    "wrong",
    [
        lambda claims, headers: claims.update(aud="another"),
        lambda claims, headers: claims.update(iss="https://elsewhere.example"),
        lambda claims, headers: claims.update(exp=claims["iat"] - 600),
        lambda claims, headers: claims.update(events={}),
        lambda claims, headers: claims.update(nonce="n"),
        lambda claims, headers: claims.pop("jti"),
        lambda claims, headers: headers.update(typ="JWT"),
        lambda claims, headers: headers.update(kid="another"),
    ],
)
def test_what_avow_did_not_say_so_ends_nothing(optimibi, ada, wrong):
    from avow.people import application_sessions
    from avow.people.models import ApplicationSession

    sign_in(optimibi)
    session = ApplicationSession.objects.get()
    application_sessions.end_of_person(session.person, now=datetime.now(UTC))
    assert tell(wrong) == 400
    assert len(optimibi.made.session_interface.kept) == 1
    assert tell() == 200
    assert not optimibi.made.session_interface.kept
    assert requests.post(f"{optimibi}/signed-out-there", data={"logout_token": "x"}, timeout=30).status_code == 400
