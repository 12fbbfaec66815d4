"""A third party that signs people in: a small OpenID Connect provider on a port of this machine, which tells what it is told to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

NAME, CLIENT, SECRET = "Example", "avow-at-example", "known to both"


class ThirdParty:
    """
    `tells` is what userinfo answers; `down` and `halfway` (at the token) break off, `nonsense` is no OpenID Connect.
    `claims` change what the ID token says; `signs` makes it, `keys` are what it shows as its own; `drips` at this path.
    """

    def __init__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        self.keys = [jwk(self.key, "one")]
        self.claims, self.drips = {}, None
        self.signs = lambda claims: jwt.encode(claims, self.key, "RS256", headers={"kid": "one"})
        self.tells, self.down, self.nonsense, self.halfway = {"sub": "ada-at-example"}, False, False, False
        self.asked = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if self.nonsense:
            return {"hello": "there"}
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks", "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }  # fmt: skip
        if path == "/token":
            now = int(time.time())
            claims = {"iss": self.issuer, "sub": self.tells["sub"], "aud": CLIENT, "iat": now, "exp": now + 60}
            made = self.signs({name: value for name, value in (claims | self.claims).items() if value is not None})
            token = {"access_token": "a-token-of-the-third-party", "token_type": "Bearer", "expires_in": 60}
            return token | ({"id_token": made} if made else {})
        if path == "/jwks":
            return {"keys": self.keys}
        return self.tells

    def apps(self):
        return {
            "openid_connect": {
                "APPS": [
                    {
                        "provider_id": "example", "name": NAME, "client_id": CLIENT, "secret": SECRET,
                        "settings": {"server_url": self.issuer},
                    }
                ],
                "OAUTH_PKCE_ENABLED": True,
            }
        }  # fmt: skip


def jwk(key, kid):
    """The public half of a key, as a set of keys lists it."""
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig", "alg": "RS256"}


def handler_of(party):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = urlsplit(self.path).path
            if self.command == "POST":
                party.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            if party.halfway and path == "/token":
                return  # hangs up
            body = json.dumps(party.answer(path)).encode()
            self.send_response(503 if party.down else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if party.drips == path:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)
                return
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the standard library's name

        def log_message(self, *_):
            """Say nothing."""

    return Handler


@pytest.fixture
def third_party(settings_of):
    """A third party that Avow takes."""
    party = ThirdParty()
    settings_of(SOCIALACCOUNT_PROVIDERS=party.apps())
    yield party
    party.server.shutdown()
    party.server.server_close()


@pytest.fixture
def settings_of():
    """Settings for the length of a test."""
    from django.test import override_settings

    entered = []

    def override(**settings):
        entered.append(override_settings(**settings))
        entered[-1].enable()

    yield override
    for one in reversed(entered):
        one.disable()


def go(person, process="login", then="/data"):
    """Begin at the button, and return the state with which the third party sends the browser back."""
    answer = person.post(f"/accounts/oidc/example/login/?process={process}&next={then}")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return asked["state"][0]


def come_back(person, state, code="a-code"):
    return person.get(f"/accounts/oidc/example/login/callback/?code={code}&state={state}")


def enter(person, **more):
    """Sign in by the third party, as far as it goes by itself."""
    return come_back(person, go(person, **more))


def sign_up(person, **form):
    """The whole way of somebody new."""
    assert enter(person).headers["Location"] == "/accounts/3rdparty/signup/"
    return person.post("/accounts/3rdparty/signup/", **{"email": "", "name": "", "phone": ""} | form)
