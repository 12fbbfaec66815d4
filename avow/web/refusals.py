"""
Every refusal becomes a page, or problem+json below /api, here and nowhere else.

Holds:    an AvowError is shown by its code with its own sentence; any other error with
          a fixed one, so no trace, path or value of a variable reaches a page.
          The page says what to do next.
Does not: log. Django's own log has what broke, by type and place.
"""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from avow.errors import AvowError, NotYet, Unavailable

API = "/api/"
CATCHES_ALL = "permalink"  # the policy's own address may be any; it says itself what it does not know
TITLES = {
    400: "This could not be read",
    403: "This is not allowed",
    404: "There is nothing at this address",
    409: "Not yet",
    410: "This has been erased",
    429: "Too many attempts",
    500: "Something broke here",
    503: "This cannot be done at the moment",
}
BY_CODE = {"link-ended": "This link has ended"}  # where the status alone would say too much
SENTENCES = {
    400: "What was sent does not have the form that this page expects. Go back, and send it again.",
    403: "You may not see this, or the form had waited too long. Go back, reload the page, and try again.",
    404: "It may have moved, or never have been here. The doors above lead to all that there is.",
    429: "There were many attempts in a short time. Wait a few minutes, and try again.",
    500: "Nothing that you did is wrong, and nothing was half done. It is noted; please try again in a while.",
}


class Refusals:
    """Django middleware: answer every AvowError that a view raises."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, refused: Exception) -> HttpResponse | None:
        """Answer an expected refusal; leave what is not expected to Django."""
        if isinstance(refused, AvowError):
            again = isinstance(refused, NotYet | Unavailable)
            return answer(request, refused.http_status, refused.code, str(refused), again=again)
        return None


def answer(request: HttpRequest, status: int, code: str, sentence: str, *, again: bool = False) -> HttpResponse:
    """Say no, in the form that was asked for."""
    if request.path.startswith(API):
        body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": sentence,
        }
        return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
    ways = [("Try again", request.path)] if again else []
    ways += [("To the start", "/"), ("The policy", "/policy")]
    shown = {
        "status": status,
        "code": code,
        "title": BY_CODE.get(code) or TITLES.get(status, TITLES[400]),
        "message": sentence,
        "ways": ways,
    }
    response = HttpResponse(render_to_string("avow/error.html", shown, request=request), status=status)
    if again:
        response.headers["Retry-After"] = "2"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return answer(request, 400, "bad-request", SENTENCES[400])


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return answer(request, 403, "forbidden", SENTENCES[403])


def with_other_ending(path: str) -> str | None:
    """Return the same address with the last slash left out or added, when there is a page."""
    near = path[:-1] if path.endswith("/") else path + "/"
    try:
        return None if resolve(near).url_name == CATCHES_ALL else near
    except Resolver404:
        return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if request.method == "GET" and (near := with_other_ending(request.path)):
        return HttpResponsePermanentRedirect(near)
    return answer(request, 404, "not-found", SENTENCES[404])


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500, without the frame: what broke may be what the frame needs."""
    try:
        return answer(request, 500, "broken", SENTENCES[500])
    except Exception:  # noqa: BLE001 - the last line of defence says its sentence in plain text
        return HttpResponse(SENTENCES[500], status=500, content_type="text/plain; charset=utf-8")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose proof of origin (CSRF) is missing or old."""
    return answer(request, 403, "form-too-old", SENTENCES[403])


def not_offered(request: HttpRequest) -> HttpResponse:
    """Answer a way of allauth's that this house does not offer."""
    return answer(request, 404, "not-found", SENTENCES[404])
