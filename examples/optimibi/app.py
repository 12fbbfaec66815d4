"""The application, put together."""

from flask import Flask

from optimibi import errors, house, pages, protecting, reading, reports, signed_out, signing_in, team, texting
from optimibi.elsewhere import agent
from optimibi.sessions import InMemory
from optimibi.settings import Settings

LARGEST = 256 * 1024  # bytes of a request's body


def create(settings: Settings) -> Flask:
    """Return Optimibi as one WSGI application, its page requests told to Avow's collector."""
    app = Flask("optimibi")
    app.config.update(OPTIMIBI=settings, MAX_CONTENT_LENGTH=LARGEST, SESSION_COOKIE_NAME="optimibi_session")
    app.session_interface = InMemory()
    for part in (reading, reports, signed_out, signing_in, team, texting, agent):
        app.register_blueprint(part.blueprint)
    for part in (house, pages, protecting, errors, signing_in):
        part.install(app, settings)
    return app
