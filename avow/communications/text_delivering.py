"""
Hand a queued text to the gateway, once more while it makes sense, and say in the ledger what became of it.

    taken      sent
    refused    failed, at once: what is wrong with a number or a setting is so a minute later too
    later      tried again when the gateway says, or after SOON, twice as long each time, up to LATEST
    away       the same
    unclear    the same, under the same id; at its end it is in doubt, and not called failed

Why in doubt is written before the first byte: a worker that is killed while the gateway takes a text cannot write it
afterwards, and a ledger that says "expired" of what arrived would be wrong.

Holds:    safe to run twice: the row is taken under a lock and removed with its text. The same text carries the same id,
          however often it is handed over. What would be tried only after its end ends at once, so that its person is
          told early; a code is never handed over after LASTS. Neither number nor text is logged or raised.
Assumes:  a gateway sends what it took under one id once. One that does not may send a code twice; both are right.
"""

import hmac
import logging
import math
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from avow.communications import delivering, envelope, gateway
from avow.communications.classes import Channel
from avow.communications.deciding import Reason
from avow.communications.gateway import Answer, Gateway, Said
from avow.communications.models import Outgoing
from avow.errors import Unavailable
from avow.people.install import secret
from avow.vault import wire

SOON, LATEST = 5.0, 3600.0  # seconds until a text is tried again
TRIES = 12
log = logging.getLogger("avow.communications.texts")


class Later(Unavailable):
    """A text waits for its next try."""

    code = "text-later"

    def __init__(self, seconds: float) -> None:
        super().__init__("The text gateway has not taken a message; it is tried again while it is of use.")
        self.seconds = math.ceil(seconds)


def deliver(number: UUID, *, now: datetime, patience: float = wire.PATIENCE) -> str:
    """Hand the text of this number over; return what became of it. Later when it waits for another try."""
    with transaction.atomic():
        row = _take(number)
        if row is None:
            return "gone"  # handed over before, withdrawn, or in another worker's hands
        if ended := _ended(row, now):
            return ended
        doubted = row.doubtful
        Outgoing.objects.filter(pk=number).update(doubtful=True)
    with transaction.atomic():
        row = _take(number)  # held while the gateway is asked: an erasure waits, or came first
        if row is None:
            return "gone"
        outcome = _hand_over(row, now, doubted=doubted, patience=patience)
    if isinstance(outcome, Later):
        raise outcome
    return outcome


def ident(number: UUID) -> str:
    """Return the id of a text: the same whenever it is handed over, and no number of ours."""
    return hmac.digest(secret("messages"), b"text" + number.bytes, "sha256").hex()[:32]


def words(subject: str, text: str) -> str:
    """Return a letter as a phone shows it: its lines, without what lays a mail out."""
    lines = (" ".join(line.split()) for line in (subject, *text.splitlines()))
    return "\n".join(line for line in lines if line)


def _take(number: UUID) -> Outgoing | None:
    rows = Outgoing.objects.select_for_update(skip_locked=True)
    return rows.filter(pk=number, channel=Channel.TEXT).first()


def _ended(row: Outgoing, now: datetime) -> str | None:
    """End a text that is too old, or that a choice of its person stops; None when it may go."""
    if row.ends_at <= now:
        return delivering.end(row, now)
    if reason := delivering.stopped(row, now):
        return delivering.stop_for(row, reason, now)
    return None


def _hand_over(row: Outgoing, now: datetime, *, doubted: bool, patience: float) -> str | Later:
    found: Gateway | None = settings.TEXT_GATEWAY
    if found is None:  # the setting was taken away while it waited
        return _later(row, Answer(Said.AWAY), now, doubted=doubted)
    text = envelope.unseal(row)
    said = gateway.hand_over(
        found, to=text.to, text=words(text.subject, text.text), ident=ident(row.id), now=now, patience=patience
    )
    if said.said is Said.TAKEN:
        return delivering.settle(row, "sent", now)
    log.warning("the text gateway has not taken a message: %s", f"it says {said.status}" if said.status else said.said)
    if said.said is Said.REFUSED:
        return delivering.settle(row, "in-doubt" if doubted else "failed", now, reason=Reason.GATEWAY_REFUSED)
    return _later(row, said, now, doubted=doubted)


def _later(row: Outgoing, said: Answer, now: datetime, *, doubted: bool) -> str | Later:
    """Have a text wait for its next try; one whose end comes before it ends now."""
    waits = max(said.seconds, min(SOON * 2**row.tries, LATEST))
    doubtful = doubted or said.said is Said.UNCLEAR
    if row.tries + 1 >= TRIES or now + timedelta(seconds=waits) >= row.ends_at:
        return delivering.settle(row, "in-doubt" if doubtful else "failed", now, reason=Reason.GATEWAY_AWAY)
    at = now + timedelta(seconds=waits)
    Outgoing.objects.filter(pk=row.pk).update(tries=row.tries + 1, doubtful=doubtful, not_before=at)
    return Later(waits)
