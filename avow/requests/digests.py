"""
Each month everybody who did not say no is told how they used the service: on how many days, and what most.

Why here: the figures come from the stores, the letter from the room of messages, and this room stands above both.

Holds:    the figures are counted from the very rows that the person's copy of everything has. Nobody's use is looked at
          who switched these letters off, objected, rests or is being erased; who did nothing in a month gets no letter.
          A person's letter and the mark behind it commit together, so whoever is killed midway goes on at the next
          person, and a month is told once. One who cannot be told keeps no other from theirs.
Assumes:  months are those of UTC.
"""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from avow.communications import deciding, summaries
from avow.communications.classes import Topic
from avow.errors import DoesNotOpen, Erased, NotFound
from avow.people import audience
from avow.requests.digest_models import Digest
from avow.vault import stores

AT_ONCE = 100


def tell(*, now: datetime) -> int:
    """Tell everybody of the month before this one, if that was not done; return how many letters were written."""
    month = before(now)
    Digest.objects.get_or_create(month=month, defaults={"begun_at": now})
    told = 0
    while (some := _some(month, now)) is not None:
        told += some
    return told


def before(now: datetime) -> date:
    """Return the first day of the month before this moment's."""
    return (now.astimezone(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _some(month: date, now: datetime) -> int | None:
    """Tell the next of a month; return how many got a letter, or None when all had their turn."""
    row = Digest.objects.filter(month=month, ended_at=None).first()
    if row is None:
        return None
    people = audience.batch(opened_by=_until(month), after=row.reached, most=AT_ONCE)
    if not people:
        Digest.objects.filter(month=month).update(ended_at=now, reached=None)
        return None
    why = deciding.stopped_each(people, Topic.USAGE, now=now)
    return sum(_one(month, person, wanted=not why[person], now=now) for person in people)


@transaction.atomic
def _one(month: date, person: UUID, *, wanted: bool, now: datetime) -> bool:
    """Write one letter, if there is something to tell, and move the mark."""
    row = Digest.objects.select_for_update().filter(month=month, ended_at=None).first()
    if row is None or (row.reached is not None and person <= row.reached):
        return False  # another worker was here
    told = False
    if wanted:
        with suppress(Erased, NotFound, DoesNotOpen), transaction.atomic():
            told = _write(month, person, now)
    row.reached, row.told = person, row.told + told
    row.save(update_fields=["reached", "told"])
    return told


def _write(month: date, person: UUID, now: datetime) -> bool:
    since, until = datetime(month.year, month.month, 1, tzinfo=UTC), _until(month)
    told = False
    for store in stores.digests():
        used = store.digest(person, since=since, until=until, now=now)
        if used and used.days:
            summaries.send_usage(person, month=month, days=used.days, most=used.most, now=now)
            told = True
    return told


def _until(month: date) -> datetime:
    following = (month + timedelta(days=31)).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=UTC)
