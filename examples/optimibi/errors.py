"""What a person reads when something is not there, is refused, or broke."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from optimibi.pages import page
from optimibi.settings import Settings

SAID = {
    400: ("That request could not be read", "Go back and try again; if it happens twice, write to info@optimibi.com."),
    403: (
        "This form has ended",
        "It was opened before you signed in or out, or on another site. Open it again, then send it.",
    ),
    404: ("There is no such page", "The address may be mistyped. All reports are listed at the start."),
    405: ("This address is for forms", "Go back to the page with its button and press that."),
    413: ("That was too large", "Nothing here needs more than a few lines."),
    500: ("This page failed", "It is not your doing. It was counted, and shows up in our list of pages that fail."),
}


def install(app: Flask, settings: Settings) -> None:  # noqa: ARG001 - every part is installed alike
    """Answer each error with a page."""

    @app.errorhandler(HTTPException)
    def said(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        title, hint = SAID.get(status, SAID[400])
        return page("error.html", title=title, hint=hint), status

    @app.errorhandler(Exception)
    def broke(error: Exception) -> tuple[str, int]:  # noqa: ARG001 - its text may hold anything, so nobody prints it
        title, hint = SAID[500]
        return page("error.html", title=title, hint=hint), 500
