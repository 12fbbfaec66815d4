"""
The mailbox of the demo: what would have been mailed, for whoever tries Avow out.

Holds:    it opens in the demo alone (DEMO on, no relay); messages lie sealed until then
          and end as any message does. With a text gateway, texts go to phones and are not shown.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from avow.communications import envelope, road
from avow.communications.classes import Channel
from avow.communications.models import Outgoing
from avow.errors import Erased, NotFound, PurposeRefused


@dataclass(frozen=True)
class Kept:
    """One kept mail."""

    to: str
    subject: str
    text: str
    at: datetime


def is_open() -> bool:
    """Say whether this installation shows its mail: only a demo without a relay does."""
    return bool(settings.DEMO) and not road.is_set()


def shows_texts() -> bool:
    """Say whether text messages are shown too; where a gateway has them, phones do."""
    return is_open() and settings.TEXT_GATEWAY is None


def read(now: datetime) -> list[Kept]:
    """Return every kept mail, the newest first."""
    if not is_open():
        raise NotFound("There is no demo mailbox here; mail goes to its addresses.")
    rows = Outgoing.objects.filter(ends_at__gt=now).order_by("-queued_at")
    if not shows_texts():
        rows = rows.exclude(channel=Channel.TEXT)
    return [kept for kept in map(_open, rows) if kept is not None]


def _open(row: Outgoing) -> Kept | None:
    try:
        mail = envelope.unseal(row)
    except (Erased, PurposeRefused):  # gone, or its person wants nothing opened for it
        return None
    return Kept(mail.to, mail.subject, mail.text, row.queued_at)
