"""
Watch a message to all while it goes: does too much of it come back, or do too many call it spam?

    canary      the first CANARY mails go, and the rest waits until what became of them is known
    stop        more than RETURNED of what went came back, or SPAM of it was called spam: the desk decides

Why beneath the campaigns: a run of the mail asks this after each batch, and knows nothing else of them.

Holds:    it counts by number and opens nothing. A stopped one's mails wait in the queue and no run takes them.
Assumes:  what comes back within a campaign's time, from somebody whom it was mailed to, is its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from avow.communications.campaign_states import Stop
from avow.communications.models import Bounce, Campaign, Kept, Ledger

CANARY = 50  # people
RETURNED, SPAM = 0.02, 0.001  # of what went
COMES_BACK = timedelta(days=7)
AT_LEAST = {Stop.RETURNED: 3, Stop.SPAM: 2}  # one unlucky mail of the first ten is no sign


def stopped() -> list[UUID]:
    """Return which are stopped; there are never many."""
    return list(Campaign.objects.filter(stopped_at__isnull=False).values_list("pk", flat=True))


@transaction.atomic
def look(number: UUID, *, now: datetime) -> Stop | None:
    """Count what came back of a campaign; stop one that goes badly; return why, or None."""
    row = Campaign.objects.select_for_update().filter(pk=number, started_at__isnull=False).first()
    if row is None:
        return None
    bad = _came_back(row, row.started_at)
    row.came_back, row.called_spam = bad[Stop.RETURNED], bad[Stop.SPAM]
    why = _why(row, bad) if row.ended_at is None and row.stopped_at is None else None
    if why:
        row.stopped_at, row.stopped_for = now, why
    row.save(update_fields=["came_back", "called_spam", "stopped_at", "stopped_for"])
    return why


def lately(now: datetime) -> list[UUID]:
    """Return the campaigns of which something may still come back."""
    return list(Campaign.objects.filter(started_at__gt=now - COMES_BACK).values_list("pk", flat=True))


def _why(row: Campaign, bad: Mapping[Stop, int]) -> Stop | None:
    """Judge what came back since it began, or since somebody saw how it goes and let it go on."""
    if row.judged_from is not None:
        bad = _came_back(row, row.judged_from)
    if all(bad[stop] < least for stop, least in AT_LEAST.items()):
        return None  # asked after every batch: what went is counted only where it matters
    over = Ledger.objects.filter(campaign=row.pk, state__in=["sent", "failed", "in-doubt"])
    went = over.filter(settled_at__gte=row.judged_from or row.started_at).count()
    for stop, limit in ((Stop.SPAM, SPAM), (Stop.RETURNED, RETURNED)):
        if bad[stop] >= AT_LEAST[stop] and bad[stop] > limit * went:
            return stop
    return None


def _came_back(row: Campaign, since: datetime | None) -> Mapping[Stop, int]:
    """Count whom it was mailed to and who since then sent it back for good, or called it spam."""
    kept = Kept.objects.filter(campaign=row.pk).values("person")
    found = Bounce.objects.filter(person__in=kept, at__gte=since).exclude(severity="soft")
    counted = dict(found.values_list("severity").annotate(people=Count("person", distinct=True)))
    return {Stop.RETURNED: counted.get("hard", 0), Stop.SPAM: counted.get("spam", 0)}


def is_settled(number: UUID) -> bool:
    """Say whether nothing of a campaign waits for the relay."""
    return not Ledger.objects.filter(campaign=number, state="waiting").exists()
