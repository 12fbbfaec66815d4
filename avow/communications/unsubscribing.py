"""
What the link in a letter does: look, end letters of its kind, end all, undo.

Why a file of its own: the page, the mailbox provider's one click and the live check come here, and so cannot differ.

Holds:    looking changes nothing, however often and by whom. Acting twice is acting once. A link of somebody who was
          erased answers as any other does. A link that is not whole is refused by `links` before anything happens.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.communications import envelope, links, opting_out
from avow.communications.classes import Kind, MessageClass, Topic
from avow.communications.links import Capability
from avow.communications.models import Outgoing
from avow.communications.opting_out import EVERYTHING, Off
from avow.errors import NotFound
from avow.policy.purposes import Purpose

SUBJECT = re.compile(r"unsubscribe\s+([A-Za-z0-9_-]{20,100})", re.IGNORECASE)  # as `footers` writes it


@dataclass(frozen=True)
class Standing:
    """What a link is about, and what is off already."""

    kind: Kind | None
    off: Mapping[Kind, Off]
    stopped: int = 0  # mails that waited

    @property
    def is_off(self) -> bool:
        """Whether what the link is about comes no more."""
        return all(kind in self.off for kind in ([self.kind] if self.kind else list(Topic)))

    @property
    def all_off(self) -> bool:
        """Whether none of the topics comes any more."""
        return all(topic in self.off for topic in Topic)


def look(token: str, *, now: datetime) -> Standing:
    """Say how things stand; a scanner that follows the link changes nothing."""
    return _standing(links.read(token), now)


def one_click(token: str, *, now: datetime) -> Standing:
    """End what the link is about, at a mailbox provider's one click (RFC 8058)."""
    can = links.read(token)
    return _standing(can, now, _end(can.person, can.kind, "one-click", now))


def end(token: str, *, everything: bool, now: datetime) -> Standing:
    """End what the link is about, or all four topics, at the button of its page."""
    can = links.read(token)
    return _standing(can, now, _end(can.person, None if everything else can.kind, "link", now))


def by_mail(subject: str, *, now: datetime) -> bool:
    """End what a mail's subject asks for, which a mail program writes at one click (RFC 2369); say whether it did."""
    asked = SUBJECT.fullmatch(subject.strip())
    try:
        can = links.read(asked[1]) if asked else None
    except NotFound:
        return False
    if can:
        _end(can.person, can.kind, "mail", now)
    return can is not None


def undo(token: str, *, now: datetime) -> Standing:
    """Turn on again what links turned off lately."""
    can = links.read(token)
    opting_out.undo(can.person, EVERYTHING, now=now)
    return _standing(can, now)


def token_in(row: Outgoing) -> str | None:
    """Return the token in the header of a letter that waits, opened at its person's own wish."""
    url = envelope.unseal(row, purpose=Purpose.RIGHTS).stop_url
    return url.rpartition("/")[2] or None


def _end(person: UUID, kind: Kind | None, way: str, now: datetime) -> int:
    if kind is MessageClass.NOTICE:
        return opting_out.legal_mail_off(person, way=way, now=now)
    return opting_out.opt_out(person, None if kind is None else [Topic(kind)], way=way, now=now)


def _standing(can: Capability, now: datetime, stopped: int = 0) -> Standing:
    """Say how things stand; for who was erased, that nothing comes any more."""
    if opting_out.is_gone(can.person):
        return Standing(can.kind, dict.fromkeys(EVERYTHING, Off(None, "erased")), stopped)
    return Standing(can.kind, opting_out.standing_off(can.person, now), stopped)
