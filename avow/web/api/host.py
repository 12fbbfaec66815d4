"""
What the company's own application asks, from server to server: with the installation's host key.

Holds:    without the key nothing is answered, and the answer is the same for a wrong one. Who is meant is named by a
          ticket (`people.tickets`) and never by an address or an identifier of the application's.
Assumes:  the key lies in the application's own configuration, out of browsers' reach.
"""

import hmac
import json
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import HttpBearer

from avow.communications import acceptance, announcing, changes, notices
from avow.communications.rendering import Rendered
from avow.errors import NotFound
from avow.people import tickets
from avow.people.install import secret
from avow.sharing import agents, errands
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

# agents


class Errand(Schema):
    """An errand for an agent: whose (by ticket), which agent (by its name in the register), which fields."""

    ticket: str
    agent: str
    fields: list[str]


@host.post("/errand", summary="Let an agent have fields that it was granted, for its service to this person")
def errand(request: HttpRequest, wish: Errand) -> dict[str, str]:
    """Queue the errand; refused when the agent has no standing grant for every field."""
    now = timezone.now()
    person = tickets.read(wish.ticket, now=now)
    if person is None:
        raise NotFound("This ticket names nobody any more; let the person sign in again.")
    return {"errand": str(errands.give(agents.named(wish.agent), person, wish.fields, now=now))}


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


class Use(Schema):
    """A page of the company's application that a signed-in person asked for."""

    ticket: str
    page: str = ""  # taken, not kept


class Notice(Schema):
    """A notice to be rendered into that page."""

    title: str
    text: str
    effective: date
    url: str


class Noticed(Schema):
    """What `use` answers."""

    notice: Notice | None


@host.post("/use", response=Noticed, summary="A signed-in person uses the service: hand over a notice, note acceptance")
def use(request: HttpRequest, body: Use) -> dict[str, object]:
    """Take note of the use, and hand over a notice that waits; handing it over counts as showing it."""
    now = timezone.now()
    person = tickets.read(body.ticket, now=now)
    if person is None or not changes.later():
        return {"notice": None}
    acceptance.used(person, by="host-application", now=now)
    waiting = notices.open_for(person)
    row = next((row for row in waiting if row.shown_at is None), waiting[-1] if waiting else None)
    if row is None:
        return {"notice": None}
    notice = told(row.version)
    if notice is not None:
        said = json.dumps(notice, default=str, ensure_ascii=False, sort_keys=True).encode()
        acceptance.shown(person, {row.version: Rendered("api", said)}, now=now)
    return {"notice": notice}


def told(policy: str) -> dict[str, object] | None:
    """Return what a page says of a version."""
    one, said = changes.changed(policy), announcing.of_version(policy)
    if said is None:
        return None
    url = settings.BASE_URL + reverse("changes", args=one.path)
    return {"title": said.title, "text": said.text, "effective": one.version.effective_date, "url": url}
