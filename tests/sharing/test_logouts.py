"""
An application that asked for it is told that somebody signed out: by a token that it can check, until it has answered.

It bites: each was tried. Without the notice in the transaction of the sign-out nothing is told; without `typ` or `events` a
client that follows the standard refuses the token; without TRIES a dead application is told for ever.
"""

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt
import pytest
from allauth.idp.oidc.models import Token

from avow.errors import BadInput, Unavailable
from avow.people import application_sessions, relying, signing
from avow.people.application_sessions import Shown
from avow.people.models import Account, ApplicationSession, SignedInApplication
from avow.people.provider import Provider
from avow.policy.promises import Promise
from avow.sharing import logouts
from avow.sharing.logouts_models import LogoutNotice

pytestmark = [pytest.mark.proves(Promise.SIGN_OUT)]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def ada(somebody):
    """Somebody with a browser of their own."""
    return somebody().join()


@contextmanager
def listening(status=200):
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


def register(address="http://127.0.0.1:9", told_at=None, name="optimibi"):
    relying.register(
        name, name="Optimibi", redirect_uris=[f"{address}/back"], secret="s" * 30,
        told_at=f"{address}/out" if told_at is None else told_at, now=NOW,
    )  # fmt: skip


def entered(ada, client="optimibi", cookie="c1", code="k1"):
    """Somebody who is signed in at an application: what a code and its exchange leave."""
    account, shown = Account.objects.get(person=ada.person), Shown(client, code=code)
    provider = Provider()
    sub = provider.get_user_sub(provider_client(client), account)
    application_sessions.begin(ada.person, client, code, cookie=cookie, authenticated_at=NOW, ways="pwd", now=NOW)
    for kind, value in ((Token.Type.ACCESS_TOKEN, f"a-{code}"), (Token.Type.REFRESH_TOKEN, f"r-{code}")):
        Token.objects.create(
            user=account,
            client_id=client,
            type=kind,
            hash=provider.hash_token(value),
            expires_at=NOW + timedelta(days=30),
        )
    application_sessions.exchange(shown, [f"a-{code}", f"r-{code}"], now=NOW)
    return sub


def provider_client(name):
    from allauth.idp.oidc.models import Client

    return Client.objects.get(pk=name)


def tell_all():
    return [logouts.tell(notice.pk, now=datetime.now(UTC)) for notice in LogoutNotice.objects.all()]


def test_the_token_is_what_the_standard_asks_for(ada):
    with listening() as (address, heard):
        register(address)
        sub = entered(ada)
        signing.sign_out_everywhere(ada.person, now=NOW)
        assert not Token.objects.exists() and not SignedInApplication.objects.exists()
        assert tell_all() == [True]
        assert not LogoutNotice.objects.exists()
    [token] = heard[0]["logout_token"]
    head = jwt.get_unverified_header(token)
    assert head["typ"] == "logout+jwt" and head["alg"] == "RS256"
    keys = jwt.PyJWKSet.from_dict(ada.client.get("/.well-known/jwks.json").json())
    key = next(key for key in keys.keys if key.key_id == head["kid"])
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="optimibi", issuer="http://127.0.0.1:8000")
    assert claims["sub"] == sub and claims["sid"] == application_sessions.sid_of("c1", "optimibi")
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims and claims["exp"] - claims["iat"] == 120 and claims["jti"]


def test_each_browser_ends_what_was_begun_in_it(ada):
    register()
    entered(ada)
    entered(ada, cookie="c2", code="k2")
    application_sessions.end_of_browser(ada.person, "c2", now=NOW)
    assert [one.sid for one in LogoutNotice.objects.all()] == [application_sessions.sid_of("c2", "optimibi")]
    assert Token.objects.count() == 2 and SignedInApplication.objects.exists()
    application_sessions.end_of_browser(ada.person, "c1", now=NOW)
    assert not Token.objects.exists() and not SignedInApplication.objects.exists()


def test_signing_out_in_the_browser_tells(ada):
    register()
    entered(ada, cookie=ada.client.session.session_key)
    entered(ada, cookie="another", code="k2")
    ada.sign_out()
    assert LogoutNotice.objects.count() == 1 and ApplicationSession.objects.count() == 1


def test_an_application_that_asked_for_nothing_is_told_nothing(ada):
    register(told_at="")
    entered(ada)
    signing.sign_out_everywhere(ada.person, now=NOW)
    assert not LogoutNotice.objects.exists() and not Token.objects.exists()


def test_a_code_that_nobody_took_up_tells_nothing(ada):
    register()
    application_sessions.begin(ada.person, "optimibi", "k", cookie="c", authenticated_at=NOW, ways="", now=NOW)
    application_sessions.clear_expired(NOW + timedelta(minutes=11))
    assert not ApplicationSession.objects.exists() and not LogoutNotice.objects.exists()


@pytest.mark.parametrize("status", [302, 400, 500])
def test_what_is_not_taken_is_told_again_and_in_the_end_let_go(ada, status):
    with listening(status) as (address, heard):
        register(address)
        entered(ada)
        signing.sign_out_everywhere(ada.person, now=NOW)
        [notice] = LogoutNotice.objects.all()
        for _ in range(logouts.TRIES - 1):
            with pytest.raises(Unavailable):
                logouts.tell(notice.pk, now=NOW)
        assert logouts.tell(notice.pk, now=NOW)
        assert not logouts.tell(notice.pk, now=NOW)
    assert len(heard) == logouts.TRIES and not LogoutNotice.objects.exists()


def test_nobody_there_is_tried_again(ada):
    register()
    entered(ada)
    signing.sign_out_everywhere(ada.person, now=NOW)
    with pytest.raises(Unavailable):
        tell_all()
    assert LogoutNotice.objects.get().tries == 1


def test_a_sign_in_ends_at_its_own_time_however_often_it_is_renewed(ada):
    register()
    entered(ada)
    ends = ApplicationSession.objects.get().ends_at
    assert ends == NOW + timedelta(days=14)
    assert {token.expires_at for token in Token.objects.all()} == {ends}, "no token outlives it"
    later = NOW + timedelta(days=13)
    shown = Shown("optimibi", token="r-k1")
    application_sessions.using(shown, now=later)
    application_sessions.exchange(shown, ["r-2"], now=later)
    assert ApplicationSession.objects.get().ends_at == ends
    application_sessions.using(Shown("optimibi", token="r-2"), now=ends)
    assert not ApplicationSession.objects.exists() and not Token.objects.exists()


def test_a_spent_token_ends_it_an_unspent_one_and_a_strangers_do_not(ada):
    register()
    register(name="other")
    entered(ada)
    assert not application_sessions.misuse(Shown("optimibi", token="r-k1"), now=NOW), "it is not spent"
    assert not application_sessions.misuse(Shown("other", token="r-k1"), now=NOW), "it is not theirs"
    assert not application_sessions.misuse(Shown("optimibi", token="unknown"), now=NOW)
    Token.objects.filter(hash=Provider().hash_token("r-k1")).delete()
    assert application_sessions.misuse(Shown("optimibi", token="r-k1"), now=NOW)
    assert not Token.objects.exists() and LogoutNotice.objects.count() == 1


def test_it_is_told_at_its_own_address_alone(db, policy):
    for wrong in ("https://elsewhere.example/out", "/out", "ftp://127.0.0.1:9/out"):
        with pytest.raises(BadInput):
            register(told_at=wrong)


def test_a_crash_between_the_end_and_the_notice_leaves_both_or_neither(ada, monkeypatch):
    register()
    entered(ada)

    class Crash(BaseException):
        pass

    def crash(*_, **__):
        raise Crash

    with monkeypatch.context() as broken, pytest.raises(Crash):
        broken.setattr(LogoutNotice.objects, "create", crash)
        signing.sign_out_everywhere(ada.person, now=NOW)
    assert Token.objects.count() == 2 and not LogoutNotice.objects.exists()
    signing.sign_out_everywhere(ada.person, now=NOW)
    assert not Token.objects.exists() and LogoutNotice.objects.count() == 1


def test_what_rests_of_it_names_nobody(ada, every_byte):
    register()
    sub = entered(ada)
    signing.sign_out_everywhere(ada.person, now=NOW)
    row = json.dumps([str(value) for value in LogoutNotice.objects.values_list().get()])
    assert (
        sub in row and str(ada.person) not in row and ada.address not in row
    )  # "ada" alone would be found in one hex number of thirty


def test_what_no_job_tells_any_more_is_told_by_the_sweep_and_in_the_end_let_go(ada):
    """A job that broke on our side leaves its row; without the sweep nobody would ever look at it again."""
    at = datetime.now(UTC)

    def owed(ago):
        return LogoutNotice.objects.create(client_id="optimibi", sub="x", at=at - ago).pk

    with listening() as (address, heard):
        register(address)
        fresh, _, _ = owed(timedelta(hours=1)), owed(timedelta(hours=25)), owed(timedelta(hours=49))
        assert logouts.sweep(now=at) == 2
    assert len(heard) == 1 and LogoutNotice.objects.get().pk == fresh


def test_one_that_is_not_taken_by_the_sweep_keeps_no_other(ada):
    at = datetime.now(UTC)
    with listening(500) as (address, heard):
        register(address)
        for hours in (25, 26):
            LogoutNotice.objects.create(client_id="optimibi", sub="x", at=at - timedelta(hours=hours))
        logouts.sweep(now=at)
    assert len(heard) == 2 and LogoutNotice.objects.count() == 2
