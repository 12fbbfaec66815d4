"""
Signing in and out, by OpenID Connect with Avow: code flow with state, nonce and PKCE, by Authlib.

Holds:    nothing is believed that Avow did not sign for this client and this sign-in. A sign-in that was used, has
          ended, or began in another browser ends on a page that says so, with a button to begin again; somebody who is
          signed in already and comes back by the back button is simply led on. Signing in starts a new session.
          Kept afterwards: a name to greet with, the ticket, the access token that asks Avow again, and the names under
          which Avow says that it is over (`signed_out`); no address.
Does not: end the sign-in at Avow when signing out here, since other sites may use it; the page after it leads there.
"""

from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from optimibi.pages import page
from optimibi.settings import SITE, Settings

blueprint = Blueprint("signing_in", __name__)
PATIENCE = 15  # seconds for one answer of Avow
Answer = str | Response | tuple[str, int]


def install(app: Flask, settings: Settings) -> None:
    """Describe Avow to Authlib; it is asked only when somebody signs in."""
    client = OAuth(app)
    client.register(
        "avow",
        client_id=SITE,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.avow}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile phone usage",  # no address: nothing here needs one
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
        },
    )
    app.extensions["avow-sign-in"] = client.avow


def avow() -> Any:
    """Return Authlib's view of Avow."""
    return current_app.extensions["avow-sign-in"]


def here(path: str) -> str:
    """Return a path of this application, and the start for anything else: nobody is led to another site by a link."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


@blueprint.get("/sign-in")
def start() -> Answer:
    """Lead to Avow, when it answers."""
    to = here(request.args.get("to", "/"))
    if "ticket" in session:
        return redirect(to)
    settings: Settings = current_app.config["OPTIMIBI"]
    try:
        requests.get(f"{settings.avow}/.well-known/openid-configuration", timeout=PATIENCE).raise_for_status()
        leading: Response = avow().authorize_redirect(f"{settings.here}/signed-in", ui_locales="en")
    except (requests.RequestException, OAuthError, ValueError):
        return away()
    session["to"] = to
    return leading


@blueprint.get("/signed-in")
def back() -> Answer:
    """Take the person who comes back from Avow."""
    if "ticket" in session and f"_state_avow_{request.args.get('state')}" not in session:
        return redirect("/")
    if request.args.get("error") == "access_denied":
        return page("refused.html")
    try:
        token = avow().authorize_access_token()
        claims = token.get("userinfo") or {}
        more = avow().userinfo(token=token)
    except (OAuthError, JoseError):
        return page("again.html"), 400
    except (requests.RequestException, ValueError):
        return away()
    if not claims.get("sub") or more.get("sub") != claims["sub"]:
        return page("again.html"), 400
    to = here(session.get("to", "/"))
    begin({**claims, **more}, token["access_token"])
    return redirect(to)


def begin(claims: dict[str, Any], access: str) -> None:
    """Start a fresh session for this person."""
    session.renew()  # type: ignore[attr-defined]
    session["sub"], session["sid"] = str(claims["sub"]), str(claims.get("sid") or "")
    session["name"] = str(claims.get("name") or "")
    session["ticket"] = str(claims.get("avow_ticket") or "")
    session["access"] = access


def asked_again() -> dict[str, Any] | None:
    """Ask Avow what it says of this person now; None when this sign-in is over there, as after a deletion."""
    answer = avow().get(
        avow().load_server_metadata()["userinfo_endpoint"],
        token={"access_token": session.get("access", ""), "token_type": "Bearer"},
    )
    if answer.status_code in {401, 403}:
        return None
    answer.raise_for_status()
    return dict(answer.json())


def away() -> tuple[str, int]:
    """Say that Avow does not answer."""
    return page("away.html"), 503


@blueprint.post("/sign-out")
def out() -> Answer:
    """End the session here, and say where else one is signed in."""
    session.renew()  # type: ignore[attr-defined]
    return redirect(url_for("signing_in.signed_out"))


@blueprint.get("/signed-out")
def signed_out() -> str:
    """Say that it has ended."""
    return page("signed_out.html")
