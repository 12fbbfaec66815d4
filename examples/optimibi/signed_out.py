"""
Avow says that somebody signed out there, or was erased: their sessions here end at once.

Holds:    a token ends sessions when Avow signed it, for this application, within its two minutes, and once. Whatever
          else comes here ends nothing and is answered with 400.
Source:   OpenID Connect Back-Channel Logout 1.0, section 2.6.
"""

import time
from typing import Any

import requests
from flask import Blueprint, current_app, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from optimibi.sessions import InMemory
from optimibi.settings import SITE
from optimibi.signing_in import PATIENCE, avow

blueprint = Blueprint("signed_out", __name__)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
SLACK = 60  # seconds that two clocks may differ
MOST = 10_000  # tokens that are remembered
taken: dict[str, float] = {}


@blueprint.post("/signed-out-there")
def told() -> tuple[str, int, dict[str, str]]:
    """End the sessions that a logout token is about."""
    never = {"Cache-Control": "no-store"}
    try:
        claims = judged(request.form.get("logout_token", ""))
    except (JoseError, ValueError, KeyError, TypeError, requests.RequestException):
        return "", 400, never
    sessions = current_app.session_interface
    assert isinstance(sessions, InMemory)
    sessions.end(sub=claims["sub"], sid=claims.get("sid", ""))
    return "", 200, never


def judged(token: str) -> dict[str, Any]:
    """Return what a logout token says; raise when it is none, is not for us, is too old, or was taken already."""
    about = avow().load_server_metadata()
    keys = KeySet.import_key_set(requests.get(about["jwks_uri"], timeout=PATIENCE).json())
    read = jwt.decode(token, keys, algorithms=["RS256"])
    wanted = {"iss": {"essential": True, "value": about["issuer"]}, "aud": {"essential": True, "value": SITE}}
    rules: Any = {**wanted, "sub": {"essential": True}, "exp": {"essential": True}, "iat": {"essential": True}}
    jwt.JWTClaimsRegistry(leeway=SLACK, **rules).validate(read.claims)
    if read.header.get("typ") != "logout+jwt" or EVENT not in read.claims["events"] or "nonce" in read.claims:
        raise ValueError("no logout token")
    now, name = time.time(), str(read.claims["jti"])
    for old in [one for one, until in taken.items() if until < now]:
        del taken[old]
    if name in taken or len(taken) >= MOST:
        raise ValueError("taken already")
    taken[name] = read.claims["exp"] + SLACK
    return dict(read.claims)
