"""
What every answer carries, and what every form must.

Holds:    nothing inline and nothing from elsewhere but Avow's two scripts; a form that changes something must carry the
          token of the session that it came from.
"""

import hmac
import secrets

from flask import Flask, Response, abort, request, session

from optimibi.settings import Settings

UNCHECKED = {"agent.receive", "signed_out.told"}  # signed by the sender instead


def install(app: Flask, settings: Settings) -> None:
    """Put both on the application."""
    policy = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' {settings.avow}; "
        f"connect-src {settings.avow}; form-action 'self' {settings.avow}; base-uri 'none'; frame-ancestors 'none'"
    )

    @app.before_request
    def refuse_forged() -> None:
        if request.method == "POST" and request.endpoint not in UNCHECKED:
            given, expected = request.form.get("token", ""), session.get("token", "")
            if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
                abort(403)

    @app.after_request
    def put_headers(response: Response) -> Response:
        response.headers.update(
            {
                "Content-Security-Policy": policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
            }
        )
        response.headers.setdefault("Cache-Control", "no-store" if session else "no-cache")
        return response


def token() -> str:
    """Return the token that a form of this session carries."""
    if "token" not in session:
        session["token"] = secrets.token_urlsafe(32)
    return str(session["token"])
