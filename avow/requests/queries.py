"""
What pages ask about requests: the desk's list, and a person's own open ones.

Holds:    the desk sees kinds, times, counts and numbers; never whose a request is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from avow.requests.models import Request
from avow.requests.states import CLOSED, OPEN, Kind, State

AN_HOUR = timedelta(hours=1)
REHEARSAL = "check"  # the channel of live checks


@dataclass(frozen=True)
class Line:
    """One request, as the desk and the person see it."""

    number: str
    kind: Kind
    state: State
    asked_at: datetime
    due_at: datetime
    moved_at: datetime
    asked_by: str
    channel: str
    stores: int
    forgotten: int
    late: bool

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN


def unanswered(now: datetime) -> list[Line]:
    """Return every open request, the one that is due first at the top; rehearsals of live checks are left out."""
    return _lines(Q(state__in=OPEN) & ~Q(channel=REHEARSAL), "due_at", now)


def answered(now: datetime, *, most: int = 200) -> list[Line]:
    """Return the requests that ended, the newest first."""
    return _lines(Q(state__in=CLOSED) & ~Q(channel=REHEARSAL), "-moved_at", now)[:most]


def of_person(person: UUID, now: datetime) -> list[Line]:
    """Return a person's own open requests."""
    return _lines(Q(person=person), "asked_at", now)


def late(now: datetime) -> int:
    """Count the open requests whose promised day has passed."""
    return Request.objects.filter(state__in=OPEN, due_at__lt=now).count()


def stuck(now: datetime) -> int:
    """Count the erasures that began and have not moved for an hour."""
    under_way = Request.objects.filter(state__in=[State.ERASING, State.ERASED])
    return under_way.filter(moved_at__lt=now - AN_HOUR).count()


def _lines(which: Q, order: str, now: datetime) -> list[Line]:
    rows = Request.objects.filter(which).order_by(order)
    counted = rows.annotate(stores=Count("acks"), forgotten=Count("acks", filter=Q(acks__state="forgotten")))
    return [
        Line(
            number=row.number, kind=Kind(row.kind), state=State(row.state), asked_at=row.asked_at, due_at=row.due_at,
            moved_at=row.moved_at, asked_by=row.asked_by, channel=row.channel, stores=row.stores,
            forgotten=row.forgotten, late=row.late(now),
        )
        for row in counted
    ]  # fmt: skip
