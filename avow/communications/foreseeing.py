"""What a new text would do to messages: which may be sent no more, and how its own notice will travel."""

from datetime import datetime, timedelta

from avow.communications.classes import MessageClass, Topic
from avow.communications.models import Campaign, Ledger, Outgoing, Switch
from avow.policy.binding import BoundPolicy
from avow.policy.effects import Effect
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose

LATELY = timedelta(days=30)


def effects(before: BoundPolicy, after: BoundPolicy, *, now: datetime) -> list[Effect]:
    """Return them; of what was sent, the last thirty days are counted."""
    off = Switch.objects.filter(kind=MessageClass.NOTICE, on_again_at=None).count()
    found = (
        [Effect("people", "want no mail of legal notices, and have this one in their account", off, "person")]
        if off
        else []
    )
    if not _writes(before) or _writes(after):
        return found
    topics = list(Topic)
    went = Ledger.objects.filter(kind__in=topics, queued_at__gte=now - LATELY).count()
    waits = Outgoing.objects.filter(kind__in=topics).count()
    drafts = Campaign.objects.filter(ended_at=None).count()
    return [
        *found,
        Effect("messages", "of a topic were asked for in the last 30 days; such may be sent no more", went, "message"),
        Effect("messages", "wait in the queue, and are not delivered once it governs", waits, "mail"),
        Effect("messages", "to everyone are drafts or under way, and go no further", drafts, "message"),
    ]  # fmt: skip


def _writes(bound: BoundPolicy) -> bool:
    """Say whether topics may be written about under a text, as `deciding` does."""
    return bool(bound.by_promise(Promise.CLOSED_TOPICS)) and Purpose.COMMUNICATION in bound.purposes
