"""
Turn what was sent into what is kept on its way: for whom it is, what goes along, and pages as templates.

Holds:    whoever sends GPC or DNT, switched recording off in this browser, or is a program, is nobody: neither ticket,
          device, address, cookie nor user agent goes on. A ticket that names nobody counts as none, and so does a
          cookie that we did not sign. A browser without cookie on another site than ours is nobody too: it
          would never bring one, and each event would be a new person's. A moment that cannot be right is
          replaced by that of receipt.
Does not: read the database; whether a ticket's person still lives is asked at compaction.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from avow.errors import BadInput
from avow.people import families, tickets
from avow.usage import cookies, pages
from avow.usage.wire import Batch, Event, Frame, Kept, Seen, Visit, Visitor

A_MILLISECOND = timedelta(milliseconds=1)
LATE, AHEAD = timedelta(days=1) // A_MILLISECOND, timedelta(minutes=1) // A_MILLISECOND
AGENT = 512  # characters of a user agent
NOBODY = Visitor()


@dataclass(frozen=True)
class Sender:
    """Who sent a batch: a browser by itself, or the company's own server with the host key."""

    is_host: bool
    visitor: Visitor = NOBODY
    is_cross_site: bool = False  # the page lies on another site than we do


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

    received = _ms(now)
    seen = [_seen(visit, sender, received, now, once) for visit in batch.visits]
    return Received(Frame(bytes.fromhex(batch.batch), received, seen), given[0] if given else None)


def _seen(visit: Visit, sender: Sender, received: int, now: datetime, once: Callable[[], str]) -> Seen:
    told = visit.visitor or NOBODY
    visitor = told if sender.is_host else sender.visitor
    events = [_kept(event, received) for event in visit.events]
    if families.is_bot(visitor.agent or ""):
        return _nobodys(events, families.BOT)
    if told.gpc or told.dnt or visitor.gpc or visitor.dnt or visitor.cookie == cookies.OFF:
        return _nobodys(events)
    person = tickets.read(visit.ticket, now=now) if visit.ticket else None
    cookie = cookies.read(visitor.cookie)
    if person is None and cookie is None and not sender.is_host:
        if sender.is_cross_site:
            return _nobodys(events)
        cookie = cookies.read(once())
    agent = visitor.agent[:AGENT] if visitor.agent else None
    whose = person.bytes if person else None
    return Seen(whose, _ip(visitor.ip), visit.device, cookie, agent, families.family(agent or ""), events)


def _nobodys(events: list[Kept], family: str = families.OTHER) -> Seen:
    """Return events without whatever would tell whose they are."""
    return Seen(None, None, None, None, None, family, events)


def _claims(told: Visitor | None) -> bool:
    """Tell whether somebody says more of a visitor than the visitor's own wish not to be followed."""
    return told is not None and any((told.ip, told.agent, told.cookie))


def _kept(event: Event, received: int) -> Kept:
    return Kept(event.kind, pages.template(event.page), event.feature, event.status, _moment(event.at, received))


def _moment(at: int | None, received: int) -> int:
    """Return the sender's moment if it can be right, else that of receipt."""
    return at if at is not None and received - LATE <= at <= received + AHEAD else received


def _ip(said: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(said)) if said else None
    except ValueError:
        raise BadInput("A visitor's `ip` is not an address; send it as digits, or leave it out.") from None


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // A_MILLISECOND
