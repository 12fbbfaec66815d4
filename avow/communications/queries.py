"""
What pages ask about messages: the desk's counts, and what is kept about one's own.

Holds:    the desk sees kinds and counts, never a person. A person sees the messages that still
          lie under their key; of the rest nothing leads to them any more, and so nothing is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Min, Q

from avow.communications import text_limit
from avow.communications.classes import Channel
from avow.communications.models import Bounce, Campaign, Ledger, Outgoing


@dataclass(frozen=True)
class Written:
    """One message to a person that is still kept."""

    number: UUID
    kind: str
    letter: str
    state: str
    at: datetime


def counts() -> Mapping[tuple[str, str], int]:
    """Count every message ever asked for, by kind and state."""
    counted = Ledger.objects.values_list("kind", "state").annotate(number=Count("message")).order_by("kind", "state")
    return {(kind, state): number for kind, state, number in counted}


@dataclass(frozen=True)
class Progress:
    """How far a message to all is: what became of its lines so far, by outcome and reason, and how fast it goes."""

    by_outcome: Mapping[tuple[str, str], int]
    in_the_last_minute: int


def progress(row: Campaign, now: datetime) -> Progress:
    """Count how far a message to all is."""
    lines = Ledger.objects.filter(campaign=row.pk)
    counted = lines.values_list("state", "reason").annotate(number=Count("message")).order_by("state", "reason")
    lately = lines.filter(state="sent", settled_at__gt=now - timedelta(minutes=1)).count()
    return Progress({(state, reason): number for state, reason, number in counted}, lately)


def newest_campaigns(most: int = 20) -> list[Campaign]:
    """Return the newest messages to all, drafts among them."""
    return list(Campaign.objects.order_by("-composed_at")[:most])


@dataclass(frozen=True)
class Deliverability:
    """What a month says of how mail arrives: by severity, how many people's mail came back; and what waits now."""

    came_back: Mapping[str, int]
    waiting: int
    oldest: datetime | None
    later: int  # of those that wait: a server said later


def deliverability(now: datetime) -> Deliverability:
    """Count how mail arrives."""
    lately = Bounce.objects.filter(at__gt=now - timedelta(days=30)).values_list("severity")
    waiting = Outgoing.objects.filter(channel=Channel.MAIL)
    waiting = waiting.filter(Q(not_before=None) | Q(not_before__lt=F("ends_at")))
    found = waiting.aggregate(all=Count("pk"), oldest=Min("queued_at"), later=Count("pk", filter=Q(tries__gt=0)))
    people = dict(lately.annotate(people=Count("person", distinct=True)))
    return Deliverability(people, found["all"], found["oldest"], found["later"])


@dataclass(frozen=True)
class Texts:
    """How text messages fare: how many were asked for in the last hour, and what became of a month's."""

    in_the_last_hour: int
    handed_over: int
    failed: int
    in_doubt: int


def texts(now: datetime) -> Texts:
    """Count text messages."""
    lately = Ledger.objects.filter(channel=Channel.TEXT, queued_at__gt=now - timedelta(days=30)).values_list("state")
    found = dict(lately.annotate(number=Count("message")))
    failed = found.get("failed", 0) + found.get("expired", 0)
    return Texts(text_limit.in_the_last_hour(now), found.get("sent", 0), failed, found.get("in-doubt", 0))


def written_to(person: UUID, now: datetime) -> list[Written]:
    """Return the messages to this person that are still kept, the newest first."""
    kept = list(Outgoing.objects.filter(person=person, ends_at__gt=now).order_by("-queued_at"))
    lines = {line.message: line for line in Ledger.objects.filter(message__in=[row.id for row in kept])}
    return [
        Written(row.id, row.kind, lines[row.id].letter, lines[row.id].state, row.queued_at)
        for row in kept
        if row.id in lines
    ]
