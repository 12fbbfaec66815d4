"""
Turn what was sent into what is kept on its way: for whom it is, what goes along, and pages as templates.

Holds:    whoever sends GPC or DNT, or switched recording off in this browser, is nobody: neither ticket, device,
          address, cookie nor user agent goes on. A ticket that names nobody counts as none. A cookie of another
          form than ours counts as none. A moment that cannot be right is replaced by that of receipt.
Does not: read the database; whether a ticket's person still lives is asked at compaction.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from avow.errors import BadInput
from avow.people import families, tickets
from avow.usage import pages
from avow.usage.wire import Batch, Event, Frame, Kept, Seen, Visit, Visitor

COOKIE = re.compile(r"^[0-9a-f]{32}\Z")
OFF = "off"  # the cookie of a browser that wants nothing recorded
LATE, AHEAD = timedelta(days=1), timedelta(minutes=1)
AGENT = 512  # characters of a user agent
NOBODY = Visitor()


@dataclass(frozen=True)
class Sender:
    """Who sent a batch: a browser by itself, or the company's own server with the host key."""

    is_host: bool
    visitor: Visitor = NOBODY


@dataclass(frozen=True)
class Received:
    """A frame to keep, and the cookie that a browser has to be given, if any."""

    frame: Frame
    new_cookie: str | None


def receive(batch: Batch, sender: Sender, *, now: datetime, fresh: Callable[[], str]) -> Received:
    """Return what is kept of a batch; `fresh` makes a browser's first cookie."""
    if not sender.is_host and any(_claims(visit.visitor) for visit in batch.visits):
        raise BadInput("Only the company's own server, with its key, may say who a visitor is; leave `visitor` out.")
    given: list[str] = []

    def once() -> str:
        if not given:
            given.append(fresh())
        return given[0]

    seen = [_seen(visit, sender, now, once) for visit in batch.visits]
    frame = Frame(bytes.fromhex(batch.batch), _ms(now), seen)
    return Received(frame, given[0] if given else None)


def _seen(visit: Visit, sender: Sender, now: datetime, once: Callable[[], str]) -> Seen:
    told = visit.visitor or Visitor()
    visitor = told if sender.is_host else sender.visitor
    events = [_kept(event, now) for event in visit.events]
    if told.gpc or told.dnt or visitor.gpc or visitor.dnt or visitor.cookie == OFF:
        return Seen(None, None, None, None, None, families.OTHER, events)
    person = tickets.read(visit.ticket, now=now) if visit.ticket else None
    cookie = visitor.cookie if visitor.cookie and COOKIE.match(visitor.cookie) else None
    if person is None and cookie is None and not sender.is_host:
        cookie = once()
    agent = visitor.agent[:AGENT] if visitor.agent else None
    whose = person.bytes if person else None
    return Seen(whose, _ip(visitor.ip), visit.device, cookie, agent, families.family(agent or ""), events)


def _claims(told: Visitor | None) -> bool:
    """Tell whether somebody says more of a visitor than the visitor's own wish not to be followed."""
    return told is not None and any((told.ip, told.agent, told.cookie))


def _kept(event: Event, now: datetime) -> Kept:
    return Kept(event.kind, pages.template(event.page), event.feature, event.status, _moment(event.at, now))


def _moment(at: int | None, now: datetime) -> int:
    """Return the sender's moment if it can be right, else that of receipt."""
    received = _ms(now)
    early, late = received - LATE // timedelta(milliseconds=1), received + AHEAD // timedelta(milliseconds=1)
    return at if at is not None and early <= at <= late else received


def _ip(said: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(said)) if said else None
    except ValueError:
        raise BadInput("A visitor's `ip` is not an address; send it as digits, or leave it out.") from None


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
