"""
What a third party answers, read as strictly as OpenID Connect allows: who signed it, for whom, until when, about whom.

Why not allauth's own reading: it leaves an ID token's signature unread when the token came straight from the third
party (Core 1.0, 3.1.3.7, allows that), takes one that is missing, believes userinfo about whomever it speaks, and waits
for a third party that drips as long as that likes.

Holds:    an ID token is needed; its signature is of a key of the third party's set, by an algorithm of this list (never
          none, never a shared secret); issuer, audience, authorised party and time fit; userinfo is about the same
          `sub` (Core 1.0, 5.3.2); its document names the issuer of the settings. Answers are waited for as
          `patience` says.
          Who is signed in here and goes there once more is asked anew there, whatever the browser's query says: by
          `prompt` and `max_age`, and by a look at `auth_time`.
Assumes:  a third party that leaves `auth_time` out, though `max_age` asks for it, asked anew as `prompt` says; some
          large ones never send it. The third party's address in the settings is meant, and leads to it by https, or on
          this machine.
Does not: send a nonce: PKCE ties the code to this browser's sign-in.
"""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

WELL_KNOWN = "/.well-known/openid-configuration"
ONCE_MORE = {"prompt": "login", "max_age": "0"}  # of whoever is signed in here already: who are you, once more
RECENT = 300  # seconds
LEEWAY = 60  # seconds by which two clocks may differ
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
NEEDED = ["iss", "sub", "aud", "exp", "iat"]


class Answers(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's steps with a third party, and our reading of what it answers."""

    def get_provider(self) -> Provider:
        """Return allauth's provider, which asks this reading for its addresses too."""
        found: Provider = super().get_provider()
        found.oauth2_adapter_class = type(self)
        more = ONCE_MORE if self.request.user.is_authenticated else {}
        found.get_auth_params_from_request = lambda *_: found.get_auth_params() | more
        return found

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return what the third party says of itself, if it is the one of the settings (RFC 8414, 3.3)."""
        try:
            said: dict[str, Any] = super().openid_config
        except AttributeError as wrong:  # allauth adds to whatever came
            raise ValueError("the document is none") from wrong
        if str(said.get("issuer")).rstrip("/") != self.get_provider().server_url.removesuffix(WELL_KNOWN).rstrip("/"):
            raise ValueError("the document names another issuer than the settings")
        return said

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **named: Any) -> SocialLogin:
        """Return whom the third party means; OAuth2Error when that is not certain."""
        claims = self._decode_id_token(app, named["response"].get("id_token"))
        if request.user.is_authenticated and not _is_recent(claims.get("auth_time")):
            raise OAuth2Error("the third party did not ask its person anew")
        told: dict[str, Any] = {"id_token": claims}
        if app.settings.get("fetch_userinfo", True) and "userinfo_endpoint" in self.openid_config:
            told["userinfo"] = _object(self._fetch_user_info(token.token))
            if told["userinfo"].get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo is about somebody else than the ID token")
        return self.get_provider().sociallogin_from_response(request, told)

    def _decode_id_token(self, app: SocialApp, id_token: object) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise OAuth2Error("the answer has no ID token")
        try:
            header = jwt.get_unverified_header(id_token)
            claims: dict[str, Any] = jwt.decode(
                id_token, key=self._key(header), algorithms=sorted(ALGORITHMS), audience=app.client_id,
                issuer=self.openid_config["issuer"], leeway=LEEWAY, options={"require": NEEDED},
            )  # fmt: skip
        except jwt.PyJWTError as wrong:
            raise OAuth2Error("the ID token does not fit") from wrong
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise OAuth2Error("the ID token was made for another party")
        return claims

    def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        """Return the key that the token names, of the set as it is now; without a name, the only one."""
        if header.get("alg") not in ALGORITHMS:
            raise OAuth2Error("the ID token is signed in a way that is not taken here")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            said = answer.json()
        shown = said.get("keys") if isinstance(said, dict) else None
        if not isinstance(shown, list) or not all(isinstance(one, dict) for one in shown):
            raise OAuth2Error("the third party's set of keys is none")
        keys = [one for one in shown if one.get("use", "sig") == "sig"]
        named = [one for one in keys if one.get("kid") == header["kid"]] if "kid" in header else keys
        fitting = [one for one in named if one.get("alg", header["alg"]) == header["alg"]]
        if len(fitting) != 1:
            raise OAuth2Error("the ID token is signed by no key of the third party's")
        return jwt.PyJWK.from_dict(fitting[0], algorithm=header["alg"])


def _object(said: object) -> dict[str, Any]:
    """Return what was answered, if it has names and values."""
    if not isinstance(said, dict):
        raise OAuth2Error("the third party's answer is none")
    return said


def _is_recent(at: object) -> bool:
    """Say whether a third party asked its person in these minutes; True where it does not say when."""
    return at is None or (isinstance(at, int | float) and time.time() - at < RECENT + LEEWAY)
