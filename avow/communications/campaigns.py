"""
Write to everyone about a topic: compose, look at what it will do, start, and go on until all are done.

    draft -> started -> ended       started_at and ended_at say which

Why batches that move a mark: each person's message and the mark behind it commit together, so a worker that is
killed midway goes on at the next person. Nobody is queued twice; what the relay gets twice is at most the one mail
that was being handed over at each kill (`delivering`), under the same Message-ID.

Holds:    each message passes the one door, which asks that person's choices. Starting twice is once. One who went
          meanwhile, or whose key is lost, does not keep the others from theirs.
          A subject is one line, so nothing in it becomes a header.
Does not: write to who opens an account after the start.
"""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from procrastinate.contrib.django import app

from avow.communications import letters
from avow.communications.classes import Message, Topic
from avow.communications.models import Campaign
from avow.communications.sending import send
from avow.errors import BadInput, Erased, KeyringLost, NotFound
from avow.evidence.acts import Act
from avow.people import audience
from avow.policy.promises import Promise
from avow.vault.attesting import attest

LETTER = {
    Topic.ANNOUNCEMENTS: "announcement",
    Topic.SECURITY_ALERTS: "security-alert",
    Topic.NEW_VERSIONS: "new-version",
}
SUBJECT, TEXT = 120, 10_000  # characters
BATCH = 100
PUSH = "communications.push_campaign"  # by its name: the tasks import this file


def compose(topic: str, subject: str, text: str, *, now: datetime) -> Campaign:
    """Keep a draft, or say what is wrong with it."""
    if topic not in list(LETTER):
        raise BadInput("Choose one of the topics that everyone can be written to about; usage is each person's own.")
    if not subject.strip() or not text.strip():
        raise BadInput("A message needs a subject and a text; write both, then look at it again.")
    if subject.strip() != letters.one_line(subject) or len(subject) > SUBJECT:
        raise BadInput(
            f"A subject is one line of at most {SUBJECT} characters; shorten it, and put the rest in the text."
        )
    if len(text) > TEXT:
        raise BadInput(f"A text has at most {TEXT} characters; shorten it, and link to the rest.")
    return Campaign.objects.create(id=uuid4(), topic=topic, subject=subject.strip(), text=text.strip(), composed_at=now)


def find(number: UUID) -> Campaign:
    """Return a campaign."""
    found = Campaign.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such message to all; it may have been removed. Write it again at the desk.")
    return found


@transaction.atomic
def start(number: UUID, *, by: UUID, now: datetime) -> Campaign:
    """Let a draft go out to all who have an account now; a second time changes nothing."""
    find(number)
    row = Campaign.objects.select_for_update().get(pk=number)
    if row.started_at is None:
        row.started_at = now
        row.save(update_fields=["started_at"])
        attest(by, Act.CAMPAIGN_STARTED, promise=Promise.CLOSED_TOPICS, actor="staff", now=now)
        app.configure_task(PUSH).defer(campaign_id=str(number))
    return row


def push(number: UUID, *, now: datetime, most: int = BATCH) -> bool:
    """Write to the next persons of a campaign; return whether there may be more."""
    return all(_push_one(number, now) for _ in range(most))


def unfinished() -> list[UUID]:
    """Return the campaigns that started and did not end."""
    rows = Campaign.objects.filter(started_at__isnull=False, ended_at=None).order_by("started_at")
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def _push_one(number: UUID, now: datetime) -> bool:
    """Write to one person and move the mark, together; a crash leaves both as they were."""
    row = Campaign.objects.select_for_update().filter(pk=number, ended_at=None, started_at__isnull=False).first()
    if row is None or row.started_at is None:
        return False
    found = audience.batch(opened_by=row.started_at, after=row.reached, most=1)
    if not found:
        row.ended_at, row.reached = now, None
        row.save(update_fields=["ended_at", "reached"])
        return False
    with suppress(Erased, NotFound, KeyringLost), transaction.atomic():
        send(found[0], message_of(row), now=now)
    row.reached, row.handled = found[0], row.handled + 1
    row.save(update_fields=["reached", "handled"])
    return True


def message_of(row: Campaign) -> Message:
    """Return what a campaign sends."""
    topic = Topic(row.topic)
    return Message(topic, LETTER[topic], {"subject": row.subject, "body": row.text}, campaign=row.pk)
