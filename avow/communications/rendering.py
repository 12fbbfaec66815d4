"""
The notice of a version exactly as it was rendered: kept once each, found by its hash.

Why: that somebody was shown a notice says little without what it said. A person's receipt of an acceptance names the
hash, and whoever holds the receipt compares it with what we keep, or with what they saved.

Holds:    what is kept is what a page carried, an answer of the API held, or a mail said before its footer, byte for
          byte. The hash is of the content. Nothing of a reader stands in it: a notice is the same to everybody.
Does not: keep a picture of the page, since the service has no browser; its markup is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from avow.communications.models import RenderedNotice
from avow.errors import NotFound

LOCALE = "en"  # the one language of the interface so far
CHANNELS = ("page", "mail", "api")


@dataclass(frozen=True)
class Rendered:
    """What one channel says of a version."""

    channel: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its hash, by which it is found again."""
        return sha256(self.content).hexdigest()


def keep(version: str, one: Rendered, *, now: datetime) -> str:
    """Keep it, unless it is kept; return its hash."""
    assert one.channel in CHANNELS, "a notice goes by a channel that is known"
    kept = {"version": version, "locale": LOCALE, "channel": one.channel, "content": one.content, "first_at": now}
    RenderedNotice.objects.get_or_create(sha256=one.sha256, defaults=kept)
    return one.sha256


def find(digest: str) -> RenderedNotice:
    """Return what has this hash."""
    found = RenderedNotice.objects.filter(sha256=digest).first()
    if found is None:
        raise NotFound("No notice with this hash was ever shown here; compare all 64 characters with the receipt.")
    return found
