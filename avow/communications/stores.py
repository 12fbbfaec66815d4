"""
What this room answers for at export and erasure: messages that still wait or are kept.

Holds:    after `forget` nothing under the person's key is left here, and nothing more is sent to
          them; the ledger keeps that a message of a kind was withdrawn, without saying whose.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.communications import delivering, envelope
from avow.communications.models import Outgoing
from avow.policy.purposes import Purpose
from avow.vault.stores import Exported, register_store


class MessageStore:
    """Messages to a person."""

    name = "messages"
    title = "Messages to you"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return the messages that are kept, with their text."""
        rows = Outgoing.objects.filter(person=person, ends_at__gt=now).order_by("queued_at")
        opened = ((row, envelope.unseal(row, purpose=Purpose.RIGHTS)) for row in rows)
        shown = ({"to": m.to, "subject": m.subject, "text": m.text, "at": row.queued_at} for row, m in opened)
        yield Exported("messages", "Messages that wait or are kept", tuple(shown))

    @transaction.atomic
    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Withdraw what waits."""
        waiting = list(Outgoing.objects.select_for_update().filter(person=person))
        for row in waiting:
            delivering.settle(row, "withdrawn", now)
        return len(waiting)

    def count(self, person: UUID) -> int:
        """Count messages."""
        return Outgoing.objects.filter(person=person).count()


def register() -> None:
    """Register the room's store."""
    register_store(MessageStore())
