"""
Messages in the account: kept sealed under the person's key for a while, with a mark when they were read.

Why kept beside the mail: people without an address read them here alone, and who switched a mail off can see
what a notice said. Of a message that was stopped only the fact is kept, and why.

Holds:    a row is written in the transaction of its ledger line. Who is being erased gets none. A text opens for
          its person's rights.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from avow.communications.classes import Message
from avow.communications.letters import Letter
from avow.communications.models import Kept, Ledger
from avow.communications.signals import was_read
from avow.errors import NotFound
from avow.policy.purposes import Purpose
from avow.vault import sealing

LABEL = "kept-message"
LASTS = timedelta(days=90)  # a quarter: long enough to find a notice again, short enough to hoard nothing


@dataclass(frozen=True)
class Shown:
    """One message as its person reads it; without a text when it was stopped."""

    message: UUID
    kind: str
    at: datetime
    read_at: datetime | None
    subject: str
    text: str
    state: str
    reason: str


def keep(person: UUID, number: UUID, message: Message, letter: Letter, *, now: datetime) -> None:
    """Keep a message in the account of somebody whom no choice stops it for."""
    sealed = sealing.seal_blob(person, LABEL, _plain(number, letter), now=now)
    Kept.objects.create(
        message=number, person=person, kind=message.kind, sealed=sealed, campaign=message.campaign,
        at=now, ends_at=now + LASTS,
    )  # fmt: skip


def keep_each(people: Mapping[UUID, UUID], message: Message, letters: Mapping[UUID, Letter], *, now: datetime) -> None:
    """Keep a message in many accounts, by its number in each; whoever has no letter keeps that one was stopped."""
    plain = {person: _plain(people[person], letter) for person, letter in letters.items()}
    sealed = sealing.seal_each_blob(plain, LABEL, now=now)
    Kept.objects.bulk_create(
        Kept(
            message=number, person=person, kind=message.kind, sealed=sealed.get(person), campaign=message.campaign,
            at=now, ends_at=now + LASTS,
        )
        for person, number in people.items()
    )  # fmt: skip


def shown_to(person: UUID, now: datetime) -> list[Shown]:
    """Return what the account holds, the newest first."""
    rows = list(Kept.objects.filter(person=person, ends_at__gt=now).order_by("-at", "message"))
    lines = Ledger.objects.in_bulk([row.message for row in rows])
    there = [row for row in rows if row.message in lines]
    sealed = [bytes(row.sealed) for row in there if row.sealed is not None]
    opened = iter(sealing.open_blobs(person, LABEL, sealed, purpose=Purpose.RIGHTS, now=now))
    return [_shown(row, lines[row.message], next(opened) if row.sealed is not None else b"") for row in there]


def unread(person: UUID, now: datetime) -> int:
    """Count what can be read and was not."""
    return Kept.objects.filter(person=person, ends_at__gt=now, read_at=None, sealed__isnull=False).count()


@transaction.atomic
def mark_read(person: UUID, number: UUID, *, now: datetime) -> None:
    """Mark one message as read; a second time changes nothing, and another person's is not there."""
    row = Kept.objects.filter(person=person, message=number).first()
    if row is None:
        raise NotFound("There is no such message in your account; it may have ended. Go back to Messages and choices.")
    if Kept.objects.filter(person=person, message=number, read_at=None).update(read_at=now) and row.campaign:
        was_read.send(sender=None, person=person, campaign=row.campaign, now=now)


@transaction.atomic
def clear_ended(now: datetime) -> int:
    """Remove what is past its end; return how many rows went."""
    return Kept.objects.filter(ends_at__lte=now).delete()[0]


def _plain(number: UUID, letter: Letter) -> bytes:
    return json.dumps({"number": number.hex, "subject": letter.subject, "text": letter.text}).encode()


def _shown(row: Kept, line: Ledger, plain: bytes) -> Shown:
    content = json.loads(plain) if plain else {"subject": "", "text": ""}
    return Shown(
        row.message, row.kind, row.at, row.read_at, content["subject"], content["text"], line.state, line.reason
    )
