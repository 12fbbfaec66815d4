"""
What the company's own application asks, from server to server: with the installation's host key.

Holds:    without the key nothing is answered, and the answer is the same for a wrong one. Who is meant is named by a
          ticket (`people.tickets`) and never by an address or an identifier of the application's.
Assumes:  the key lies in the application's own configuration, out of browsers' reach.
"""

import hmac

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import HttpBearer

from avow.people import tickets
from avow.people.install import secret
from avow.usage import personalising


def host_key() -> str:
    """Return the key: the configured one, or the installation's own."""
    return settings.HOST_KEY or secret("host").hex()


class HostKey(HttpBearer):
    """Bearer authentication with the host key."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:  # noqa: ARG002 - the library's signature
        """Compare in constant time."""
        return "host" if hmac.compare_digest(token.encode(), host_key().encode()) else None


host = Router(auth=HostKey(), tags=["the company's own application"])

# usage


class Who(Schema):
    """For whom something is asked; no ticket, or one that ended, is nobody."""

    ticket: str | None = None


class Suggestion(Schema):
    """One page, and why it is suggested."""

    page: str
    why: str


class Home(Schema):
    """What a home page may suggest."""

    personalised: bool
    suggestions: list[Suggestion]
    off_url: str


@host.post("/home", response=Home, summary="What the home page may suggest to this person, each with its reason")
def home(request: HttpRequest, who: Who) -> dict[str, object]:
    """Return the suggestions for a person, or those for nobody."""
    now = timezone.now()
    person = tickets.read(who.ticket, now=now) if who.ticket else None
    off_url = f"{settings.BASE_URL}{reverse('recorded')}#choices"
    return personalising.home(person, now=now, off_url=off_url)


# policy notices and acceptance
