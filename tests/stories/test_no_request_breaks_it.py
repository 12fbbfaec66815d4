"""
No request of any form breaks the service: schemathesis, in an environment of its own, asks our API and the forms of accounts
and of OpenID Connect whatever their schemas allow and do not allow; nothing answers 5xx.

Half a minute here; ten minutes with AVOW_SOAK=1 (`make soak`, bench/results/schemas-soak.json). It bites: with a view that
raises for a long name, or allauth's own sign-up by a passkey without a pending one, it names the request (tried).
"""

import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMATHESIS = REPOSITORY / ".venv-schemas/bin/schemathesis"
SECONDS = 200 if os.environ.get("AVOW_SOAK") else 12  # for each of the two
pytestmark = pytest.mark.skipif(
    not SCHEMATHESIS.exists(), reason="schemathesis is not installed: scripts/side-venv schemas"
)
TEXT = {"type": "string"}
INSIDE = {"field": {"enum": ["name", "phone", "email", "password", "other"]}, "sentence": {"enum": ["3a.1", "x"]}}
FORMS = {  # path -> the fields of its form
    "/accounts/login/": ("login", "password", "next"),
    "/accounts/signup/": ("email", "password1", "name", "phone"),
    "/accounts/signup/passkey/": ("email", "name", "phone"),
    "/accounts/confirm-email/": ("code",),
    "/accounts/password/reset/": ("email",),
    "/accounts/password/reset/confirm/": ("code",),
    "/accounts/password/reset/complete/": ("password1", "password2"),
    "/accounts/reauthenticate/": ("password", "next"),
    "/accounts/2fa/authenticate/": ("code", "credential"),
    "/accounts/2fa/webauthn/login/": ("credential", "next"),
    "/accounts/2fa/webauthn/signup/": ("credential", "name"),
    "/accounts/2fa/webauthn/add/": ("credential", "name"),
    "/accounts/2fa/totp/activate/": ("code",),
    "/accounts/3rdparty/signup/": ("email", "name", "phone"),
    "/recover": ("number", "code"),
    "/not-me/{token}": (),
    "/data/{field}": ("value",),
    "/questions": ("email", "question", "subject", "text"),
    "/identity/o/api/token": ("grant_type", "code", "refresh_token", "client_id", "client_secret", "code_verifier"),
    "/identity/o/api/revoke": ("token", "token_type_hint", "client_id", "client_secret"),
    "/identity/o/api/userinfo": ("access_token",),
}
QUERIES = {
    "/identity/o/authorize": ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt",
                              "max_age", "code_challenge", "code_challenge_method"),
    "/identity/o/logout": ("id_token_hint", "post_logout_redirect_uri", "client_id", "state"),
    "/accounts/oidc/{provider}/login/callback/": ("code", "state", "error"),
    "/history": ("from",),
    "/policy/sentence/{sentence}": (),
    "/unsubscribe/{token}": (),
    "/certificates/{number}": (),
}  # fmt: skip


def described():
    """The forms as an OpenAPI document, since pages describe themselves to people alone."""
    paths = {}
    for path, fields in FORMS.items():
        body = {"type": "object", "properties": dict.fromkeys(fields, TEXT)}
        content = {"application/x-www-form-urlencoded": {"schema": body}}
        paths[path] = {"post": {"requestBody": {"content": content}, **operation(path)}}
    for path, fields in QUERIES.items():
        paths[path] = {"get": operation(path, fields)}
    return {"openapi": "3.1.0", "info": {"title": "Forms", "version": "1"}, "paths": paths}


def operation(path, query=()):
    inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": n, "in": "path", "required": True, "schema": INSIDE.get(n, TEXT)} for n in inside]
    parameters += [{"name": name, "in": "query", "schema": TEXT} for name in query]
    return {"parameters": parameters, "responses": {"default": {"description": "A page."}}}


def ask(*arguments):
    command = [SCHEMATHESIS, "run", *arguments, "--max-time", str(SECONDS), "--no-color", "--request-timeout", "30",
               "--workers", "2", "--max-redirects", "0"]  # fmt: skip
    if not os.environ.get("AVOW_SOAK"):
        command += ["--seed", "20261130", "--phases", "fuzzing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS + 300, cwd="/")
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@pytest.fixture
def open_house(site, settings_of, monkeypatch):
    """The house without what would end such asking at once: limits of attempts, and waiting."""
    from avow.people import evenness, relying
    from tests.stories.test_company_application_signs_in import BACK, SECRET, now

    settings_of(ACCOUNT_RATE_LIMITS=False, MFA_RATE_LIMITS=False)
    monkeypatch.setattr(evenness, "LEAST", 0.0)
    relying.register("optimibi", name="Optimibi", redirect_uris=[BACK], secret=SECRET, now=now())
    return site


def test_the_api(open_house):
    from avow.web.api.host import host_key

    checks = "not_a_server_error,response_schema_conformance,content_type_conformance"
    said = ask(f"{open_house}/api/openapi.json", "-H", f"Authorization: Bearer {host_key()}", "--checks", checks)
    assert "4 selected" in said or "Operations" in said


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "signed-in"])
def test_the_forms(open_house, tmp_path, signed_in):
    from django.test import Client

    from tests.web.conftest import resident

    cookie = f"csrftoken={'a' * 32}"
    if signed_in:
        browser = Client(SERVER_NAME="127.0.0.1")
        browser.force_login(resident(f"{secrets.token_hex(4)}@example.com").account)
        cookie += f"; session={browser.session.session_key}"
    path = tmp_path / "forms.json"
    path.write_text(json.dumps(described()))
    ask(str(path), "--url", open_house, "--checks", "not_a_server_error",
        "-H", f"Cookie: {cookie}", "-H", f"X-CSRFToken: {'a' * 32}")  # fmt: skip
