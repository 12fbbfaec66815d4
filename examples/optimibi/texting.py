"""
One feature that needs a phone number, and asks for it only here.

Why ask Avow each time: the number lies there, where the person gives it, corrects it and takes it back. This
application keeps none, so a number that was withdrawn is not used once more.

Holds:    nothing is ever sent: it is shown what would be. Whoever says "not now" at Avow comes back to the report, and
          is told how to go on without a number.
"""

import requests
from authlib.integrations.base_client import OAuthError
from flask import Blueprint, current_app, redirect, session, url_for
from werkzeug.wrappers import Response

from optimibi import signing_in
from optimibi.pages import page
from optimibi.reports import known
from optimibi.settings import SITE, Settings

blueprint = Blueprint("texting", __name__)
FEATURE = "report-by-text"
SHOWN = 3  # digits of the number that the page shows


@blueprint.post("/reports/<name>/text")
def text(name: str) -> signing_in.Answer:
    """Send a report to the person's phone, or lead to where the number can be given."""
    report = known(name)
    claims = phone_claims()
    if not isinstance(claims, dict):
        return claims
    if phone := claims.get("phone_number"):
        return page("text.html", report=report, ending=str(phone)[-SHOWN:])
    session["texting"] = report.name
    settings: Settings = current_app.config["OPTIMIBI"]
    return redirect(f"{settings.avow}/give/{SITE}/{FEATURE}", 303)


@blueprint.get("/came-back")
def came_back() -> signing_in.Answer:
    """Go on where the number was missing, when it has been given; say what else is possible when it has not."""
    name = session.pop("texting", None)
    if name is None:
        return redirect("/")
    claims = phone_claims()
    if not isinstance(claims, dict):
        return claims
    phone = str(claims.get("phone_number") or "")
    return page("text.html", report=known(name), ending=phone[-SHOWN:])


def phone_claims() -> dict[str, object] | Response | tuple[str, int]:
    """Return what Avow says of the person now, or the answer that the browser gets instead."""
    if "ticket" not in session:
        return redirect(url_for("signing_in.start"), 303)
    try:
        claims = signing_in.asked_again()
    except (requests.RequestException, OAuthError, ValueError):
        return signing_in.away()
    if claims is None:
        session.renew()  # type: ignore[attr-defined]
        return page("again.html"), 401
    return claims
