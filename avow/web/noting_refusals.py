"""
Django middleware: a page or an interface that said no leaves a line (`people.security_events`).

Holds:    the line has the status and the page's name in the code, and nothing of the request.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from avow.people.security_events import Event, note

SAID_NO = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


class NotesRefusals:
    """Look at what was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note a refusal."""
        response = self.get_response(request)
        if response.status_code in SAID_NO:
            page = request.resolver_match.view_name if request.resolver_match else "no page"
            note(Event.REFUSED, f"{response.status_code} {page}")
        return response
