"""
What this room answers for at export and erasure: messages that wait or are kept, switches, notices, mails that came.

Holds:    an export is no mailbox: of a code that still works it gives kind, letter and time, never the code.
          After `forget` nothing under the person's key is left here, nothing more is sent to them, and no mail that
          came shows by a hash that it was theirs; the ledger keeps that a message of a kind was withdrawn, without
          saying whose. What the person had switched off is kept for their address as a keyed hash (`suppression`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from avow.communications import bounces, delivering, envelope, keeping, mailbox, suppression
from avow.communications.case_letters import WITH_LINK
from avow.communications.classes import MessageClass, kind_of
from avow.communications.models import Bounce, Incoming, Kept, Ledger, Outgoing, PolicyNotice, Switch
from avow.errors import Erased
from avow.people import queries
from avow.policy.purposes import Purpose
from avow.vault import addresses
from avow.vault.normalising import EMAIL
from avow.vault.stores import Exported, register_store

TABLES = (Kept, Switch, Bounce)
KEYED = "a keyed hash of your address, for a month, so that a flood of mails is seen"
WITHHELD = "not in this file: the code in it still works, and whoever reads this file could act in your place with it"


class MessageStore:
    """Messages to a person."""

    name = "messages"
    title = "Messages to you"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return the messages that are kept, with their text unless it is a live code."""
        rows = list(_queued(person, _confirmed(person, now)).filter(ends_at__gt=now))
        lines = Ledger.objects.filter(message__in=[row.id for row in rows])
        letters = dict(lines.values_list("message", "letter"))
        shown = (
            {"kind": row.kind, "letter": letters.get(row.id), "at": row.queued_at, **_text(row, letters.get(row.id))}
            for row in rows
        )
        yield Exported("messages", "Messages that wait or are kept", tuple(shown))
        yield Exported("messages-in-your-account", "Messages in your account", tuple(_in_account(person, now)))
        yield Exported("messages-switched-off", "Messages that you switched off", tuple(_switches(person)))
        yield Exported("mail-that-came-back", "Mail to you that came back", tuple(_came_back(person)))

    @transaction.atomic
    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Withdraw what waits and remove the rest; that the address asked not to be written to outlives it."""
        _remember_the_wish(person, now)
        waiting = list(_queued(person, _ever_used(person, now)).select_for_update())
        for row in waiting:
            delivering.settle(row, "withdrawn", now)
        gone = (table.objects.filter(person=person).delete()[0] for table in TABLES)
        return len(waiting) + sum(gone)

    def count(self, person: UUID) -> int:
        """Count messages, switches, and mail that came back."""
        queued: int = _queued(person, _confirmed(person, timezone.now())).count()
        return queued + sum(table.objects.filter(person=person).count() for table in TABLES)


class NoticeStore:
    """What a person was told of changes of the policy."""

    name = "policy-notices"
    title = "Notices of changes of the policy"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's signature
        """Return each notice with its times."""
        times = ("effective_at", "due_at", "mailed_at", "account_at", "bounced_at", "shown_at", "accepted_at")
        said = ("shown_as", "shown_by", "accepted_by")
        rows = PolicyNotice.objects.filter(person=person).order_by("due_at", "id")
        told = ({"version": row.version, **{name: getattr(row, name) for name in (*times, *said)}} for row in rows)
        yield Exported("policy-notices", "When you were told of a change, and accepted it by use", tuple(told))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Remove them."""
        return PolicyNotice.objects.filter(person=person).delete()[0]

    def count(self, person: UUID) -> int:
        """Count them."""
        return PolicyNotice.objects.filter(person=person).count()


class IncomingStore:
    """Mails from a person that wait to be taken up."""

    name = "incoming"
    title = "Mail from you"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return what waits, as it was read, and that others came."""
        rows = Incoming.objects.filter(person=person).order_by("came_at")
        shown = ({"at": row.came_at, **_letter(row)} for row in rows)
        yield Exported("incoming", "Mails from you that were not answered yet", tuple(shown))
        noted = _noted(_confirmed(person, now)).order_by("came_at").values_list("came_at", "state")
        kept = ({"at": at, "became": state, "kept": KEYED} for at, state in noted)
        yield Exported("incoming-noted", "That a mail came from your address", tuple(kept))

    @transaction.atomic
    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Empty what waits, and take the sender off the rest; that mails came stays, without whose or what."""
        gone = Incoming.objects.filter(person=person)
        rows = gone.update(state="filed", reason="erased", sealed=None, person=None, sender=None)
        return int(rows + _noted(_ever_used(person, now)).update(sender=None))

    def count(self, person: UUID) -> int:
        """Count mails that wait, and those that only show from which address they came."""
        waiting = Incoming.objects.filter(person=person).count()
        return int(waiting + _noted(_confirmed(person, timezone.now())).count())


def _confirmed(person: UUID, now: datetime) -> set[str]:
    """Return the address that the person showed to be theirs; of another they learn nothing here."""
    address = _address(person, now)
    return {address.lower()} if address else set()


def _address(person: UUID, now: datetime) -> str | None:
    """Return it; None too for who was erased and came back with older data: nobody can open it any more."""
    try:
        return queries.confirmed_address_of(person, Purpose.RIGHTS, now=now)
    except Erased:
        return None


def _ever_used(person: UUID, now: datetime) -> set[str]:
    """Return that address, with those that it replaced."""
    confirmed = _confirmed(person, now)
    return confirmed | {past.value.lower() for past in queries.history(person, "email", now)} if confirmed else set()


def _queued(person: UUID, own: set[str]) -> QuerySet[Outgoing]:
    """Return what waits or is kept for them, also what went to their address while it was nobody's yet."""
    strangers = Outgoing.objects.filter(person=None) if own else ()
    theirs = [row.pk for row in strangers if envelope.unseal(row).to.strip().lower() in own]
    return Outgoing.objects.filter(Q(person=person) | Q(pk__in=theirs)).order_by("queued_at")


def _noted(senders: set[str]) -> QuerySet[Incoming]:
    """Return the mails that were taken up and still show, by a keyed hash, that they came from one of these."""
    indexes = [addresses.blind_index(EMAIL, sender) for sender in senders if "@" in sender]
    return Incoming.objects.exclude(state="waiting").filter(sender__in=indexes, subject=None)


def _letter(row: Incoming) -> dict[str, object]:
    letter = mailbox.open_letter(row)
    return {"subject": letter.subject, "text": letter.text, "not read": ", ".join(letter.unread)}


def _text(row: Outgoing, letter: str | None) -> dict[str, str]:
    """Open a message for its person; a code or link that works is for who reads the mail, and for nobody else."""
    if row.kind == MessageClass.CODE or letter in WITH_LINK:
        return {"subject": WITHHELD, "text": WITHHELD}
    mail = envelope.unseal(row, purpose=Purpose.RIGHTS)
    return {"to": mail.to, "subject": mail.subject, "text": mail.text}


def _in_account(person: UUID, now: datetime) -> Iterable[dict[str, Any]]:
    for shown in keeping.shown_to(person, now):
        yield {
            "kind": shown.kind, "at": shown.at, "read": shown.read_at, "subject": shown.subject, "text": shown.text,
            "outcome": shown.state, "why no mail": shown.reason,
        }  # fmt: skip


def _switches(person: UUID) -> Iterable[dict[str, Any]]:
    for row in Switch.objects.filter(person=person).order_by("off_since", "kind"):
        yield {"messages": row.kind, "off since": row.off_since, "on again": row.on_again_at, "by": row.way}


def _came_back(person: UUID) -> Iterable[dict[str, Any]]:
    for row in bounces.of(person):
        yield {"last": row.at, "how": row.severity, "status": row.status, "counts until": row.lifted_at}


def _remember_the_wish(person: UUID, now: datetime) -> None:
    """Keep for the address what its person switched off, if they showed that it is theirs; twice is once."""
    off = [kind_of(row.kind) for row in Switch.objects.filter(person=person, on_again_at=None)]
    address = _address(person, now) if off else None
    if address:
        suppression.remember(address, off, now=now)


def register() -> None:
    """Register the room's stores."""
    register_store(MessageStore())
    register_store(NoticeStore())
    register_store(IncomingStore())
