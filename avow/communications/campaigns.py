"""
Write to everyone about a topic: compose, look at what it will do, start, and go on until all are done.

    draft -> going -> ended        going <-> stopped -> ended        (`campaign_states`; its times say which)

Why batches that move a mark: the messages of a batch and the mark behind it commit together, so a worker that is
killed midway goes on at the next person. Nobody is queued twice (`runs` says what the relay may get twice).

Holds:    each message passes the one door, which asks that person's choices. Starting twice is once. One who went
          meanwhile, or whose key is lost, does not keep the others from theirs. The first CANARY are written to alone;
          the rest follows when their mails went and not too many came back (`campaign_watch`). One that stood still
          for longer than LATE goes on only at somebody's word: what it says may be out of date.
          A subject is one line, so nothing in it becomes a header.
Does not: write to who opens an account after the start.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from procrastinate.contrib.django import app

from avow.communications import campaign_watch, delivering, letters
from avow.communications.campaign_states import MOVES, State, Stop
from avow.communications.campaign_watch import CANARY
from avow.communications.classes import Message, Topic
from avow.communications.models import Campaign, Outgoing
from avow.communications.sending import send, send_each
from avow.errors import AvowError, BadInput, DoesNotOpen, Erased, NotFound, PurposeRefused, Refused
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
BATCH = 500
LATE = timedelta(hours=1)
HEARD = timedelta(seconds=50)  # how long at least the first few are waited for
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
    row = _locked(number)
    if row.started_at is None:
        row.started_at = row.moved_at = now
        row.save(update_fields=["started_at", "moved_at"])
        attest(by, Act.CAMPAIGN_STARTED, promise=Promise.CLOSED_TOPICS, actor="staff", now=now)
        app.configure_task(PUSH).defer(campaign_id=str(number))
    return row


@transaction.atomic
def stop(number: UUID, *, now: datetime, why: Stop = Stop.DESK) -> Campaign:
    """Have a campaign wait, with its mails in the queue, until somebody at the desk decides."""
    row = _move(number, "stop")
    row.stopped_at, row.stopped_for = now, why
    row.save(update_fields=["stopped_at", "stopped_for"])
    return row


@transaction.atomic
def go_on(number: UUID, *, now: datetime) -> Campaign:
    """Let a stopped one go on where it stopped."""
    row = _move(number, "go-on")
    row.stopped_at, row.stopped_for, row.moved_at, row.judged_from = None, "", now, now
    row.save(update_fields=["stopped_at", "stopped_for", "moved_at", "judged_from"])
    app.configure_task(PUSH).defer(campaign_id=str(number))
    return row


@transaction.atomic
def end_here(number: UUID, *, now: datetime) -> Campaign:
    """End a stopped one for good: what waits is not mailed, and nobody else is written to."""
    row = _move(number, "end-here")
    for waiting in Outgoing.objects.select_for_update().filter(campaign=number, run=None):
        delivering.settle(waiting, "withdrawn", now)
    row.ended_at, row.reached = now, None
    row.stopped_at, row.stopped_for = row.stopped_at or now, row.stopped_for or Stop.DESK  # no run takes what it holds
    row.save(update_fields=["ended_at", "reached", "stopped_at", "stopped_for"])
    return row


def state_of(row: Campaign) -> State:
    """Say where a campaign stands, by its times."""
    if row.ended_at is not None:
        return State.ENDED
    if row.stopped_at is not None:
        return State.STOPPED
    return State.GOING if row.started_at is not None else State.DRAFT


def push(number: UUID, *, now: datetime, most: int = BATCH) -> bool:
    """Write to the next persons of a campaign; return whether there may be more at once."""
    try:
        return _push(number, now, most)
    except AvowError:
        return all(_push(number, now, 1, alone=True) for _ in range(most))


def unfinished() -> list[UUID]:
    """Return the campaigns that started, did not end, and wait for nobody."""
    rows = Campaign.objects.filter(started_at__isnull=False, ended_at=None, stopped_at=None).order_by("started_at")
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def _push(number: UUID, now: datetime, most: int, *, alone: bool = False) -> bool:
    """Write to some and move the mark, together; a crash leaves both as they were."""
    row = Campaign.objects.select_for_update(skip_locked=True).filter(pk=number).first()
    if row is None or state_of(row) is not State.GOING or row.started_at is None or row.moved_at is None:
        return False
    if now - row.moved_at > LATE:
        return stop(number, now=now, why=Stop.LATE) is None
    if (most := _may_push(row, most, now)) == 0:
        if _waits_for_its_hour(row, now):
            Campaign.objects.filter(pk=number).update(moved_at=now)
        return False
    found = audience.batch(opened_by=row.started_at, after=row.reached, most=most)
    if alone and found:
        with suppress(Erased, NotFound, DoesNotOpen, PurposeRefused), transaction.atomic():
            send(found[0], message_of(row), now=now)
    else:
        send_each(found, message_of(row), now=now)
    row.moved_at, row.handled = now, row.handled + len(found)
    row.reached = found[-1] if found else row.reached
    if is_last := len(found) < most and campaign_watch.is_settled(number):
        row.ended_at, row.reached = now, None
    row.save(update_fields=["ended_at", "reached", "handled", "moved_at"])
    return not is_last and len(found) == most


def _waits_for_its_hour(row: Campaign, now: datetime) -> bool:
    return Outgoing.objects.filter(campaign=row.pk, not_before__gt=now).exists()


def _may_push(row: Campaign, most: int, now: datetime) -> int:
    """Return to how many it may go now: the first few, then nobody until it is known what became of those."""
    assert row.moved_at is not None
    if row.handled < CANARY:
        return min(most, CANARY - row.handled)
    if row.handled > CANARY:
        return most
    return most if now - row.moved_at >= HEARD and campaign_watch.is_settled(row.pk) else 0


def _locked(number: UUID) -> Campaign:
    find(number)
    return Campaign.objects.select_for_update().get(pk=number)


def _move(number: UUID, act: str) -> Campaign:
    """Lock a campaign from which this act may be done."""
    row = _locked(number)
    if state_of(row) not in MOVES[act].begins:
        raise Refused(f"This message to all is “{state_of(row)}”, where nobody can say “{act}”; reload its page.")
    return row


def message_of(row: Campaign) -> Message:
    """Return what a campaign sends."""
    topic = Topic(row.topic)
    return Message(topic, LETTER[topic], {"subject": row.subject, "body": row.text}, campaign=row.pk)
