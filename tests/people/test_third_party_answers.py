"""
What a third party answers opens an account only when it is signed by it, for us, in time, and about one person.

It bites: each was tried. With allauth's own adapter the unsigned, the foreign, the missing and the one about somebody else
pass; without the deadline a third party that drips a byte at a time holds a thread for as long as it likes.
"""

import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from avow.people import patience
from avow.people.models import Account
from avow.policy.promises import Promise
from tests.people.third_party import CLIENT, enter, go, jwk, sign_up

pytestmark = [pytest.mark.proves(Promise.THIRD_PARTY_SIGN_IN)]
OTHER = rsa.generate_private_key(65537, 2048)
TIMES = ("exp", "iat", "nbf")  # given below as seconds from now


def refused(person):
    answer = enter(person)
    assert answer.status_code in (401, 503), answer.status_code
    return not person.is_signed_in and not Account.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"exp": -120}, {"iat": 600},
        {"nbf": 600}, {"sub": "somebody-else"}, {"sub": None}, {"exp": None}, {"iat": None},
    ],
    ids=repr,
)  # fmt: skip
def test_what_does_not_fit_makes_nothing(somebody, third_party, claims):
    now = int(time.time())  # of the test, which may come long after its collection
    third_party.claims = {name: now + value if name in TIMES and value else value for name, value in claims.items()}
    assert refused(somebody())


@pytest.mark.parametrize(
    "signs",
    [
        lambda claims: None,
        lambda claims: jwt.encode(claims, None, "none"),
        lambda claims: jwt.encode(claims, "x" * 40, "HS256", headers={"kid": "one"}),
        lambda claims: jwt.encode(claims, OTHER, "RS256", headers={"kid": "one"}),
        lambda claims: jwt.encode(claims, OTHER, "RS256", headers={"kid": "two"}),
        lambda claims: jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": "one"}),
        lambda claims: "not.a.token",
        lambda claims: 7,
    ],
    ids=["missing", "none", "shared", "foreign-key", "unknown-key", "other-algorithm", "no-token", "number"],
)
def test_what_it_did_not_sign_makes_nothing(somebody, third_party, signs):
    third_party.signs = signs
    assert refused(somebody())


@pytest.mark.parametrize("keys", [[], [{"kty": "RSA", "kid": "one"}], [{}], None, "x"], ids=repr)
def test_a_set_without_the_key_makes_nothing(somebody, third_party, keys):
    third_party.keys = keys
    assert refused(somebody())


def test_two_keys_of_one_name_are_no_key_and_one_without_a_name_is_taken_when_it_is_the_only_one(somebody, third_party):
    own = third_party.keys[0]
    third_party.keys = [own, jwk(OTHER, "one")]
    assert refused(somebody())
    third_party.signs = lambda claims: jwt.encode(claims, third_party.key, "RS256")
    assert refused(somebody())
    third_party.keys = [own, jwk(OTHER, "two") | {"use": "enc"}]
    bob = somebody()
    sign_up(bob)
    assert bob.is_signed_in


def test_keys_that_rolled_between_two_sign_ins_are_read_anew(somebody, third_party):
    bob = somebody()
    sign_up(bob)
    third_party.key, third_party.keys = OTHER, [jwk(OTHER, "two")]
    third_party.signs = lambda claims: jwt.encode(claims, OTHER, "RS256", headers={"kid": "two"})
    bob.sign_out()
    enter(bob)
    assert bob.is_signed_in


def test_two_clocks_may_differ_a_little(somebody, third_party):
    third_party.claims = {"iat": int(time.time()) + 30, "exp": int(time.time()) - 30}
    bob = somebody()
    sign_up(bob)
    assert bob.is_signed_in


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"])
def test_a_third_party_that_drips_is_left_in_time_and_nothing_is_half_made(somebody, third_party, monkeypatch, path):
    monkeypatch.setattr(patience, "SECONDS", 0.6)
    cara = somebody()
    if path.startswith("/.well"):
        third_party.drips = path
        began = time.monotonic()
        assert cara.post("/accounts/oidc/example/login/?process=login").status_code == 503
    else:
        state = go(cara)
        third_party.drips = path
        began = time.monotonic()
        assert cara.get(f"/accounts/oidc/example/login/callback/?code=a-code&state={state}").status_code == 503
    assert time.monotonic() - began < 5 and not Account.objects.exists() and not cara.is_signed_in


def test_an_answer_without_end_is_left(somebody, third_party, monkeypatch):
    monkeypatch.setattr(patience, "LARGEST", 2000)
    third_party.tells["picture"] = "x" * 5000
    assert refused(somebody())


@pytest.mark.parametrize("issuer", ["https://elsewhere.example", "", None])
def test_a_document_of_another_issuer_is_refused(somebody, third_party, monkeypatch, issuer):
    own = third_party.answer
    monkeypatch.setattr(
        third_party, "answer", lambda path: own(path) | ({"issuer": issuer} if path.startswith("/.well-known") else {})
    )
    assert somebody().post("/accounts/oidc/example/login/?process=login").status_code == 503
    assert not Account.objects.exists()


@pytest.mark.parametrize("asked", ["", "&auth_params=prompt%3Dnone", "&auth_params=response_mode%3Dfragment"])
def test_whoever_is_signed_in_is_asked_anew_there_whatever_the_query_says(somebody, third_party, asked):
    """Without the own parameters a query that is cut short lets an old session there count as who is here now."""
    bob = somebody()
    sign_up(bob)
    sent = parse_qs(urlsplit(bob.post(f"/accounts/oidc/example/login/?process=login{asked}").headers["Location"]).query)
    assert sent["prompt"] == ["login"] and sent["max_age"] == ["0"] and "response_mode" not in sent
    stranger = somebody().post(f"/accounts/oidc/example/login/?process=login{asked}").headers["Location"]
    assert not parse_qs(urlsplit(stranger).query).keys() & {"prompt", "max_age", "response_mode"}


@pytest.mark.parametrize(("ago", "counts"), [(10, True), (700, False), (None, True), ("soon", False)])
def test_a_sign_in_there_of_long_ago_is_no_word_on_who_is_here(somebody, third_party, ago, counts):
    bob = somebody()
    sign_up(bob)
    then = bob.client.session["account_authentication_methods"][-1]["at"]
    third_party.claims = {"auth_time": int(time.time()) - ago if isinstance(ago, int) else ago}
    answer = enter(bob)
    assert (answer.status_code == 302) == counts
    assert (bob.client.session["account_authentication_methods"][-1]["at"] > then) == counts


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/userinfo"])
@pytest.mark.parametrize("said", [[], "x", 7, None], ids=repr)
def test_an_answer_without_names_is_none(somebody, third_party, monkeypatch, path, said):
    own = third_party.answer
    monkeypatch.setattr(third_party, "answer", lambda asked: said if asked == path else own(asked))
    cara = somebody()
    begun = cara.post("/accounts/oidc/example/login/?process=login")
    if path.startswith("/.well"):
        assert begun.status_code in (401, 503)
    else:
        assert refused(cara)
    assert not Account.objects.exists()


@pytest.mark.parametrize("fault", ["stalls", "breaks", "zips", "leads on"])
def test_a_body_that_breaks_off_is_no_fault_of_ours(monkeypatch, fault):
    """A raw server, since none of these can be said in HTTP that is whole."""
    import socket
    import threading

    from requests import RequestException

    monkeypatch.setattr(patience, "SECONDS", 1.0)
    head = {
        "stalls": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        "breaks": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        "zips": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        "leads on": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 100\r\n\r\n",
    }[fault]
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        line, _ = server.accept()
        line.recv(4096)
        line.sendall(head)
        for _ in range(40 if fault in ("stalls", "leads on") else 0):
            time.sleep(0.1)
            if fault == "leads on":
                try:
                    line.sendall(b"x")
                except OSError:
                    break
        line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    began = time.monotonic()
    with pytest.raises(RequestException):
        patience.Patience().get(f"http://127.0.0.1:{server.getsockname()[1]}/").raise_for_status()
    assert time.monotonic() - began < 3
    server.close()
