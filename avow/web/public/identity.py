"""
The endpoints at which the company's applications sign people in, around allauth's own.

Why around them: allauth asks PKCE of nobody who has a secret, does not look at `max_age`, names no issuer in its
answer, answers a wrong address with 200, leaves what was issued for a stolen code or token in force, and knows no
secret that a client encodes as it should. The protocol's own checks stay allauth's: who the client is, what it may ask
for, where a code may go.

Holds:    a code leaves to a registered address alone, compared letter by letter, and with S256 alone; on a sign-in that
          is as fresh as was asked. Everything issued for one code ends together, and ends when any of it is shown twice
          (`people.application_sessions`).
Source:   OpenID Connect Core 3.1.2; RFC 9700; RFC 9207.
"""

import json
from base64 import b64encode
from datetime import datetime
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, unquote_plus, urlsplit, urlunsplit

from allauth.account.adapter import get_adapter
from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc import views
from allauth.idp.oidc.models import Client
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from avow.people import application_sessions, guards, relying, signing
from avow.people.models import Account
from avow.people.provider import issuer
from avow.web import refusals

LONGEST = 10  # digits of an age in seconds
LEAST = 60  # seconds; who is asked "just now" has this long to come back from showing it
ELSEWHERE = (
    "This application did not register the address that its link leads back to; go back to it, and tell its makers."
)
QUERY_ALONE = "This application asks for a code in another place than the address; go back to it, and tell its makers."
NO_PKCE = {"error": "invalid_request", "error_description": "A code is given for a code_challenge with S256 alone."}


@csrf_exempt
def authorize(request: HttpRequest) -> HttpResponse:
    """Let a code leave for an application."""
    now = timezone.now()
    if request.method in {"GET", "HEAD"} and (first := _first(request, now)):
        return first
    asked = request.POST if request.method == "POST" else request.GET
    if not relying.is_registered(asked.get("client_id", ""), asked.get("redirect_uri", "")):
        return refusals.answer(request, 400, "bad-request", ELSEWHERE)
    if asked.get("response_mode", "query") != "query":  # elsewhere we would not see the code that leaves
        return refusals.answer(request, 400, "bad-request", QUERY_ALONE)
    answer = cast("HttpResponse", views.authorization(request))
    if answer.status_code == HTTPStatus.OK:  # no application of the company's asks for consent, so this is a refusal
        answer.status_code = HTTPStatus.BAD_REQUEST
    location = answer.get("Location", "")
    if not location or not urlsplit(location).netloc:
        return answer
    answer["Location"] = _with(location, _answered(request, location, now) | {"iss": issuer()})
    return answer


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Give tokens for a code or a refresh token; a spent one ends all that came of it."""
    now = timezone.now()
    _read_as_meant(request)
    shown = application_sessions.shown_in(request.POST, _client(request))
    with transaction.atomic():
        application_sessions.using(shown, now=now)
        answer = cast("HttpResponse", views.token(request))
        said = _said(answer)
        if answer.status_code == HTTPStatus.OK:
            issued = [said[name] for name in ("access_token", "refresh_token") if name in said]
            if not application_sessions.exchange(
                shown, issued, now=now
            ):  # it ended meanwhile, or we never saw it begin
                transaction.set_rollback(True)
                return JsonResponse({"error": "invalid_grant"}, status=HTTPStatus.BAD_REQUEST)
        elif said.get("error") == "invalid_grant":
            application_sessions.misuse(shown, now=now)
    return answer


@csrf_exempt
@transaction.atomic
def revoke(request: HttpRequest) -> HttpResponse:
    """Take a token back, with all that was issued beside it; what is another application's is left alone."""
    _read_as_meant(request)
    shown = application_sessions.Shown(_client(request), token=request.POST.get("token", ""))
    session = application_sessions.of(shown)
    if session is None and shown.token:
        mine: QueryDict = request.POST.copy()
        mine["token"] = "not of this application"  # noqa: S105  # nosec B105 - it stands for no token
        request.POST = mine  # type: ignore[assignment]
    answer = cast("HttpResponse", views.revoke(request))
    if answer.status_code == HTTPStatus.OK:
        application_sessions.revoke(shown, now=timezone.now())
    return answer


def _first(request: HttpRequest, now: datetime) -> HttpResponse | None:
    """Return where the person first shows who they are, when that is asked for or too long ago."""
    if not isinstance(request.user, Account):
        return None
    prompt, wanted = request.GET.get("prompt", "").split(), request.GET.get("max_age")
    if wanted is not None and not (wanted.isascii() and wanted.isdigit() and len(wanted) < LONGEST):
        wanted = "0"  # nobody can say how old it may be
    age = (now - guards.shown_at(request, request.user)).total_seconds()
    late = wanted is not None and age > max(int(wanted), LEAST)
    if late and "none" in prompt:
        request.user = AnonymousUser()  # allauth answers as it does to a stranger
        return None
    if "login" not in prompt and not late:
        return None
    asked = request.GET.copy()
    asked["prompt"] = " ".join(word for word in prompt if word != "login")
    if not asked["prompt"]:
        del asked["prompt"]
    then = urlencode({REDIRECT_FIELD_NAME: f"{request.path}?{asked.urlencode()}"})
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:  # a third party guards the account, and is asked at a new sign-in
        signing.sign_out(request, now=now)
    return redirect(f"{methods[0]['url'] if methods else reverse('account_login')}?{then}")


def _answered(request: HttpRequest, location: str, now: datetime) -> dict[str, str]:
    """Note the code that leaves; or return the refusal that goes in its place."""
    code = dict(parse_qsl(urlsplit(location).query)).get("code")
    if code is None or not isinstance(request.user, Account):
        return {}
    if not request.GET.get("code_challenge") or request.GET.get("code_challenge_method") != "S256":
        return {"code": "", **NO_PKCE}
    application_sessions.begin(
        request.user.person,
        request.GET["client_id"],
        code,
        cookie=request.session.session_key or "",
        authenticated_at=guards.shown_at(request, request.user),
        ways=guards.methods(request, request.user),
        now=now,
    )
    return {}


def _with(location: str, more: dict[str, str]) -> str:
    parts = urlsplit(location)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in more]
    return urlunsplit(parts._replace(query=urlencode(query + [(name, value) for name, value in more.items() if value])))


def _read_as_meant(request: HttpRequest) -> None:
    """
    Read what an application says of itself as RFC 6749 2.3.1 has it: name and secret each encoded as in a form.

    allauth reads them as they are, and many a client writes them so; so what decodes to the right secret is decoded.
    """
    named, secret = extract_basic_auth(request.headers)
    meant = unquote_plus(named or ""), unquote_plus(secret or "")
    if not named or not secret or meant == (named, secret) or "\0" in meant[0]:
        return
    client = Client.objects.filter(pk=meant[0]).first()
    if client is not None and client.check_secret(meant[1]):
        request.META["HTTP_AUTHORIZATION"] = "Basic " + b64encode(":".join(meant).encode()).decode()
        vars(request).pop("headers", None)


def _client(request: HttpRequest) -> str:
    """Return who says that they ask; allauth checks it."""
    named, _ = extract_basic_auth(request.headers)
    return (named or "").replace("\0", "") or request.POST.get("client_id", "")


def _said(answer: HttpResponse) -> dict[str, str]:
    try:
        said = json.loads(answer.content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
