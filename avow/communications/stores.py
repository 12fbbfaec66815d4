"""
What this room answers for at export and erasure: messages that still wait or are kept.

Holds:    an export is no mailbox: of a code that still works it gives kind, letter and time, never the code.
          After `forget` nothing under the person's key is left here, and nothing more is sent to
          them; the ledger keeps that a message of a kind was withdrawn, without saying whose.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.communications import delivering, envelope
from avow.communications.classes import MessageClass
from avow.communications.models import Ledger, Outgoing, PolicyNotice
from avow.policy.purposes import Purpose
from avow.vault.stores import Exported, register_store

WITHHELD = "not in this file: the code in it still works, and whoever reads this file could act in your place with it"


class MessageStore:
    """Messages to a person."""

    name = "messages"
    title = "Messages to you"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return the messages that are kept, with their text unless it is a live code."""
        rows = list(Outgoing.objects.filter(person=person, ends_at__gt=now).order_by("queued_at"))
        lines = Ledger.objects.filter(message__in=[row.id for row in rows])
        letters = dict(lines.values_list("message", "letter"))
        shown = ({"kind": row.kind, "letter": letters.get(row.id), "at": row.queued_at, **_text(row)} for row in rows)
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


class NoticeStore:
    """What a person was told of changes of the policy."""

    name = "policy-notices"
    title = "Notices of changes of the policy"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's signature
        """Return each notice with its times."""
        times = ("effective_at", "due_at", "mailed_at", "account_at", "shown_at", "accepted_at")
        rows = PolicyNotice.objects.filter(person=person).order_by("due_at", "id")
        told = ({"version": row.version, **{name: getattr(row, name) for name in times}} for row in rows)
        yield Exported("policy-notices", "When you were told of a change, and accepted it by use", tuple(told))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Remove them."""
        return PolicyNotice.objects.filter(person=person).delete()[0]

    def count(self, person: UUID) -> int:
        """Count them."""
        return PolicyNotice.objects.filter(person=person).count()


def _text(row: Outgoing) -> dict[str, str]:
    """Open a message for its person; a code that waits is for who reads the mail, and for nobody else."""
    if row.kind == MessageClass.CODE:
        return {"subject": WITHHELD, "text": WITHHELD}
    mail = envelope.unseal(row, purpose=Purpose.RIGHTS)
    return {"to": mail.to, "subject": mail.subject, "text": mail.text}


def register() -> None:
    """Register the room's stores."""
    register_store(MessageStore())
    register_store(NoticeStore())
