"""
Avow, as this application's server knows it: what is told to it, and what is asked of it.

Holds:    a page never waits longer than the SDK allows, and comes also when Avow is away: then the order of reports is
          the same for everyone and no news is shown.
"""

import secrets
from typing import Any

from avow_sdk import Avow
from flask import Flask, Request, Response, current_app, g, request, session

from optimibi.sessions import InMemory
from optimibi.settings import Settings

DEVICE = "optimibi_device"
A_YEAR = 365 * 86400
LONGEST = 64  # characters of a device's number that somebody else may have written into the cookie


def install(app: Flask, settings: Settings) -> None:
    """Tell Avow's collector of each page, and know each browser again by a number of its own."""
    avow = app.extensions["avow"] = Avow(settings.avow, settings.host_key)
    sessions = app.session_interface
    assert isinstance(sessions, InMemory)

    def ticket_of(environ: dict[str, Any]) -> str | None:
        ticket = sessions.open_session(app, Request(environ)).get("ticket")
        return str(ticket) if ticket else None

    app.wsgi_app = avow.middleware(app.wsgi_app, ticket=ticket_of, device=device_of)  # type: ignore[method-assign]

    @app.before_request
    def know_again() -> None:
        g.device = device_of(request.environ) or secrets.token_hex(16)

    @app.after_request
    def remember(response: Response) -> Response:
        if DEVICE not in request.cookies and response.mimetype == "text/html":
            response.set_cookie(DEVICE, g.device, max_age=A_YEAR, httponly=True, samesite="Lax")
        return response


def device_of(environ: dict[str, Any]) -> str | None:
    """Return the number of the browser, once it has one."""
    return Request(environ).cookies.get(DEVICE, "")[:LONGEST] or None


def avow() -> Avow:
    """Return the way to Avow."""
    found: Avow = current_app.extensions["avow"]
    return found


def ticket() -> str | None:
    """Return the ticket that names the person of this session to Avow, or None where nobody is signed in."""
    return session.get("ticket")


def order_of_reports() -> dict[str, Any]:
    """Return what Avow suggests, each page with its why: from this person's own use, or what is often opened."""
    return dict(avow().home(ticket()) or {})


def notice() -> dict[str, Any] | None:
    """Return a notice of the policy that this person still has to be shown; asking for it counts as showing it."""
    shown = ticket()
    answer = (avow().use(shown, request.path) or {}) if shown else {}
    return answer.get("notice", answer) or None


def news() -> list[dict[str, str]]:
    """Return what was announced, newest first: a JSON Feed's items, in the words of our page."""
    return [
        {
            "title": str(item.get("title", "")),
            "text": str(item.get("content_text") or item.get("text") or ""),
            "day": str(item.get("date_published") or item.get("at") or "")[:10],
            "about": ", ".join(item.get("tags") or []),
            "url": str(item.get("url") or ""),
        }
        for item in avow().announcements() or []
    ]
