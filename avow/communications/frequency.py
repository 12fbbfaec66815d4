"""
How many letters of news somebody gets by mail in a week; beyond it they are in the account alone.

Why a cap at the door and not in a campaign: two people at the desk who each write once a day do not know of each other.

Holds:    it counts what went or waits to go, of all topics of news together. A notice, a security alert and whatever
          answers an act of one's own is never counted and never held back.
Does not: put off: tomorrow there may be as much. What was held back stands in the account.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from avow.communications.classes import Kind, Topic
from avow.communications.models import Kept, Ledger

NEWS = (Topic.ANNOUNCEMENTS, Topic.NEW_VERSIONS, Topic.USAGE)
A_WEEK = timedelta(days=7)
BY_MAIL = ("waiting", "kept", "sent")


def who_had_enough(people: Collection[UUID], kind: Kind, *, now: datetime) -> set[UUID]:
    """Return who of these had as many letters of news within a week as anybody gets."""
    if kind not in NEWS:
        return set()
    went = Ledger.objects.filter(queued_at__gt=now - A_WEEK, kind__in=NEWS, state__in=BY_MAIL).values("message")
    rows = Kept.objects.filter(person__in=list(people), at__gt=now - A_WEEK, kind__in=NEWS, message__in=went)
    counted = rows.values("person").annotate(letters=Count("message")).filter(letters__gte=settings.LETTERS_A_WEEK)
    return set(counted.values_list("person", flat=True))
