"""
What the company's own application asks, from server to server: with the installation's host key.

Holds:    without the key nothing is answered, and the answer is the same for a wrong one. Who is meant is named by a
          ticket (`people.tickets`) and never by an address or an identifier of the application's.
Assumes:  the key lies in the application's own configuration, out of browsers' reach.
"""

import hmac
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import HttpBearer

from avow.communications import acceptance, announcing, changes, notices
from avow.people import tickets
from avow.people.install import secret


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
    acceptance.used(person, now=now)
    waiting = notices.open_for(person)
    row = next((row for row in waiting if row.shown_at is None), waiting[-1] if waiting else None)
    if row is None:
        return {"notice": None}
    notice = told(row.version)
    if notice is not None:
        acceptance.shown(person, [row.version], now=now)
    return {"notice": notice}


def told(policy: str) -> dict[str, object] | None:
    """Return what a page says of a version."""
    one, said = changes.changed(policy), announcing.of_version(policy)
    if said is None:
        return None
    url = settings.BASE_URL + reverse("changes", args=one.path)
    return {"title": said.title, "text": said.text, "effective": one.version.effective_date, "url": url}
