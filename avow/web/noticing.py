"""
The notice of a changed policy in the pages of somebody who is signed in: what carried it, and what counts as use.

Why by looking at the answer: "shown" shall mean that the page which went to the person had the notice in it, not that
some code meant to put it there.

Holds:    shown is kept for a page of status 200 that carries the notice's mark, answered to a person's own navigation.
          Use is what stands in USES and was answered well; everything else is no use, above all what stands in NEVER:
          reading the policy, seeing one's data or correcting it, taking a copy, objecting, leaving, signing in and out.
Assumes:  a browser says with Sec-Fetch-Dest what it fetches for; one that does not is taken at its word.
Does not: count what scripts fetch, what a browser fetches in advance, or any call of the API.
"""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from avow.communications import acceptance, changes
from avow.communications.rendering import Rendered
from avow.people.models import Account

USES = frozenset({"account_change_password", "authorization", "give"})  # names of addresses
NEVER = frozenset(
    {
        "rendered-notice",
        "front", "policy", "sentence", "versions", "version", "version-file", "changes", "announcements", "permalink",
        "certificate", "certificate-file", "verify", "my-data", "correct", "email-code", "export", "messages", "delete",
        "account_login", "account_logout", "account_signup", "account_reauthenticate", "account_reset_password",
    }
)  # fmt: skip
CARRIES = re.compile(rb'<aside class="changing"[^>]* data-notice="([0-9a-f]{64})">.*?</aside>', re.DOTALL)


class Noticing:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then keep what the answer showed and whether asking for it was use of the service."""
        person = signed_in(
            request
        )  # as they came: who signs in or out by this very request does not use anything by it
        response = self.get_response(request)
        if person and person == signed_in(request) and is_interactive(request) and changes.later():
            take_note(request, response, person, timezone.now())
        return response


def take_note(request: HttpRequest, response: HttpResponseBase, person: UUID, now: datetime) -> None:
    """Accept first, so that what this page shows for the first time is never accepted by it."""
    if is_use(request, response):
        acceptance.used(person, by=name_of(request), now=now)
    if carried := carried_by(response):
        acceptance.shown(person, carried, now=now)


def is_use(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Say whether this answered request used the service."""
    return name_of(request) in USES and response.status_code < HTTPStatus.BAD_REQUEST


def name_of(request: HttpRequest) -> str:
    """Return the name of the address that was asked for."""
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def carried_by(response: HttpResponseBase) -> dict[str, Rendered]:
    """Return the versions whose notices stand in a page, each as it stands there."""
    is_page = (
        isinstance(response, HttpResponse)
        and response.status_code == HTTPStatus.OK
        and response.headers.get("Content-Type", "").startswith("text/html")
    )
    found = CARRIES.finditer(response.content) if is_page else ()  # type: ignore[attr-defined]
    return {one[1].decode(): Rendered("page", one[0]) for one in found}


def is_interactive(request: HttpRequest) -> bool:
    """Say whether a person went to a page, and no script, and no browser in advance."""
    asked = request.headers
    return (
        request.method in {"GET", "POST"}
        and asked.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in asked.get("Sec-Purpose", asked.get("Purpose", ""))
        and "X-Requested-With" not in asked
        and not request.path.startswith("/api/")
    )


def signed_in(request: HttpRequest) -> UUID | None:
    """Return the person who is signed in."""
    user = getattr(request, "user", None)
    return user.person if isinstance(user, Account) and user.is_authenticated else None
