"""
Tell everybody on the site: a product's news, a new version, a change of the policy.

Why a table and not a page by hand: the same words stand on the site, in both feeds and in the snippet on the company's
own pages, and a live check can ask whether a version was announced.

Holds:    an announcement is never changed; a version of the policy has at most one.
Does not: know who reads. Nothing is counted, and putting a notice away is remembered in the browser alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from avow.communications.letters import one_line
from avow.communications.models import Announcement
from avow.errors import BadInput
from avow.policy.promises import Promise, keeps

LONGEST = 4000  # characters
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # no feed in XML can carry them, nor a database all of them


class Kind(StrEnum):
    """What an announcement is about."""

    PRODUCT = "product"
    VERSION = "version"
    POLICY = "policy"


@dataclass(frozen=True)
class Announced:
    """One announcement."""

    id: UUID
    kind: Kind
    title: str
    text: str
    version: str | None  # sha256 of the policy it announces
    at: datetime


@keeps(Promise.CHANGE_NOTICE)
def announce(kind: Kind | str, title: str, text: str, *, now: datetime, version: str | None = None) -> UUID:
    """Publish an announcement and return its number; for a version that has one, the one it has."""
    title, text = one_line(title), CONTROLS.sub(" ", text).strip()
    if not title or not text or len(title) + len(text) > LONGEST:
        raise BadInput(f"An announcement has a title and a text, of {LONGEST} characters at most together; shorten it.")
    if version is None:
        return Announcement.objects.create(id=uuid4(), kind=Kind(kind), title=title, text=text, published_at=now).id
    said = {"id": uuid4(), "kind": Kind.POLICY, "title": title, "text": text, "published_at": now}
    return Announcement.objects.get_or_create(version=version, defaults=said)[0].id


def newest(at_most: int = 50) -> list[Announced]:
    """Return the announcements, the newest first."""
    return [_announced(row) for row in Announcement.objects.order_by("-published_at", "-id")[:at_most]]


def of_version(policy: str) -> Announced | None:
    """Return the announcement of a version of the policy."""
    row = Announcement.objects.filter(version=policy).first()
    return _announced(row) if row else None


def _announced(row: Announcement) -> Announced:
    return Announced(row.id, Kind(row.kind), row.title, row.text, row.version, row.published_at)
