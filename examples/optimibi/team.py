"""
The admin's page: how the service does.

Holds:    no personal data: counts of this process since its start, by page and by outcome, and nothing about who.
"""

import time
from collections import Counter
from threading import Lock

from flask import Blueprint, Flask, Response, request, session

from optimibi.pages import page
from optimibi.settings import Settings

blueprint = Blueprint("team", __name__)
started = time.monotonic()
counted: Counter[tuple[str, bool]] = Counter()
lock = Lock()
FAILED = 500


def install(app: Flask, settings: Settings) -> None:  # noqa: ARG001 - every part is installed alike
    """Count each page by the pattern of its address."""

    @app.after_request
    def count(response: Response) -> Response:
        if request.url_rule is not None and request.endpoint != "static":
            with lock:
                counted[request.url_rule.rule, response.status_code >= FAILED] += 1
        return response


@blueprint.get("/team")
def team() -> str | tuple[str, int]:
    """Show the figures to whoever is signed in; nobody is signed in again unasked, just after having signed out."""
    if "ticket" not in session:
        return page("first.html"), 401
    with lock:
        pages = sorted({rule for rule, _ in counted})
        rows = [(rule, counted[rule, False] + counted[rule, True], counted[rule, True]) for rule in pages]
    return page("team.html", rows=rows, minutes=int((time.monotonic() - started) / 60))
