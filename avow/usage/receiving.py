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
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from avow.errors import BadInput
from avow.people import families, tickets
from avow.usage import cookies, pages, referrers
from avow.usage.declared import Declared
from avow.usage.forms import EVENTS, Sent, events_of
from avow.usage.wire import Frame, Kept, Seen, Visitor

A_MILLISECOND = timedelta(milliseconds=1)
LATE, AHEAD = timedelta(days=1) // A_MILLISECOND, timedelta(minutes=1) // A_MILLISECOND
AGENT = 512  # characters of a user agent
NOBODY = Visitor()
LIKE_AN_ADDRESS = re.compile(r"@|%40|[(\[]\s*at\s*[)\]]", re.IGNORECASE)
NUMBER = 16  # bytes of a batch's number


class TooMuch(BadInput):
    """More at once than is taken."""

    code = "too-much"
    http_status = 413


@dataclass(frozen=True)
class Sender:
    """Who sent a batch: a browser by itself, or the company's own server with the host key."""

    is_host: bool
    visitor: Visitor = NOBODY
    is_cross_site: bool = False  # the page lies on another site than we do
    site: str = "server"  # whose page it was
    key: str = ""  # by which it says that it sends something again


@dataclass(frozen=True)
class Received:
    """A frame to keep, and the cookie that a browser has to be given, if any."""

    frame: Frame
    new_cookie: str | None


def receive(sent: Sent, sender: Sender, *, now: datetime, fresh: Callable[[], str], declared: Declared) -> Received:
    """Return what is kept of what was sent; `fresh` makes a browser's first cookie."""
    if not sender.is_host and any(_claims(visit.visitor) for visit in sent.visits):
        raise BadInput("Only the company's own server, with its key, may say who a visitor is; leave `visitor` out.")
    said = [(visit, events_of(visit)) for visit in sent.visits]
    if sum(len(events) for _, events in said) > EVENTS:
        raise TooMuch(f"There are at most {EVENTS:,} events in a batch; send it in parts.")
    given: list[str] = []

    def once() -> str:
        if not given:
            given.append(fresh())
        return given[0]

    keeping = _Keeping(sender, _ms(now), now, declared, once)
    seen = [keeping.seen(visit, events) for visit, events in said]
    frame = Frame(number_of(sent.number, sender), keeping.received, seen, sender.site, dict(sent.dropped))
    return Received(frame, given[0] if given else None)


def number_of(written: str | None, sender: Sender) -> bytes:
    """Return by which number it counts once: the body's, else the header's as this sender alone can say it, or none."""
    if written:
        return bytes.fromhex(written)
    whose = "server" if sender.is_host else sender.site
    return sha256(f"{whose}\n{sender.key}".encode()).digest()[:NUMBER] if sender.key else b""


@dataclass(frozen=True)
class _Keeping:
    """What is the same for all visits of a batch."""

    sender: Sender
    received: int
    now: datetime
    declared: Declared
    once: Callable[[], str]

    def seen(self, visit: Any, said: list[Any]) -> Seen:
        told = visit.visitor or NOBODY
        visitor = told if self.sender.is_host else self.sender.visitor
        events = [self._kept(event) for event in said]
        if families.is_bot(visitor.agent or ""):
            return _nobodys(events, families.BOT)
        if told.gpc or told.dnt or visitor.gpc or visitor.dnt or visitor.cookie == cookies.OFF:
            return _nobodys(events)
        person = tickets.read(visit.ticket, now=self.now) if visit.ticket else None
        cookie = cookies.read(visitor.cookie)
        if person is None and cookie is None and not self.sender.is_host:
            if self.sender.is_cross_site:
                return _nobodys(events)
            cookie = cookies.read(self.once())
        agent = visitor.agent[:AGENT] if visitor.agent else None
        whose, device = person.bytes if person else None, _no_address(visit.device)
        return Seen(whose, _ip(visitor.ip), device, cookie, agent, families.family(agent or ""), events)

    def _kept(self, event: Any) -> Kept:
        page = pages.template(event.page, self.declared.pages)
        referrer = referrers.host(event.referrer, self.declared.referrers, self.sender.site)
        more = _properties(event.properties) if self.declared.properties else None
        at = _moment(event.at, self.received)
        return Kept(event.kind, page, event.feature, event.status, at, referrer, more)


def _nobodys(events: list[Kept], family: str = families.OTHER) -> Seen:
    """Return events without whatever would tell whose they are."""
    return Seen(None, None, None, None, None, family, events)


def _claims(told: Visitor | None) -> bool:
    """Tell whether somebody says more of a visitor than the visitor's own wish not to be followed."""
    return told is not None and any((told.ip, told.agent, told.cookie))


def _properties(said: Any) -> str | None:
    """Return the declared properties as JSON, in the order of their names."""
    told = {name: value for name, value in msgspec.to_builtins(said).items() if value is not None} if said else {}
    return msgspec.json.encode(told, order="sorted").decode() if told else None


def _no_address(device: str | None) -> str | None:
    if device and LIKE_AN_ADDRESS.search(device):
        raise BadInput("A `device` looks like a mail address; send a number of its own, which names nobody.")
    return device


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
