"""
Remove what was recorded longer ago than the policy says.

Holds:    past the days that `usage_days` of the text in force allows (a setting may only make it fewer), no row, no
          context and no browser is left. Killed anywhere, the next run ends the same.
"""

import os
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from avow.policy.promises import Promise, keeps
from avow.usage import browsers, manifest, places
from avow.usage.locks import locked
from avow.usage.models import Browser, Context
from avow.usage.places import Place
from avow.vault import erasure, governing
from avow.vault.actor import SERVICE

USUAL = 396  # days, where the text names none
AT_ONCE = 1000


def days_kept(now: datetime) -> int:
    """Return for how many days events are kept: the text's number, or the stricter setting."""
    promised = governing.in_force(now).bound.number("usage_days")
    chosen = os.environ.get("AVOW_USAGE_DAYS", "")
    limits = [promised.value if promised else USUAL, *([int(chosen)] if chosen.isdigit() else [])]
    return min(limits)


@keeps(Promise.DE_IDENTIFY)
def clear(*, now: datetime, place: Place | None = None) -> int:
    """Remove the days that are past; return how many."""
    place = (place or places.here()).make()
    first = now.astimezone(UTC).date() - timedelta(days=days_kept(now))
    gone = _clear_days(place, first)
    Context.objects.filter(day__lt=first).delete()
    idle = Browser.objects.filter(last_day__lt=first).exclude(person=None)
    for person in idle.values_list("person", flat=True)[:AT_ONCE]:
        assert person is not None
        _end(person, now)
    browsers.sweep(now.date())
    return gone


def _clear_days(place: Place, first: date) -> int:
    with locked(place.lake):
        current = manifest.newest(place.lake)
        past = [day for day in current.days if day < first.isoformat()]
        after = current
        for day in past:
            after = after.with_day(day, ())
        if past:
            manifest.sweep(place.lake, manifest.commit(place.lake, after))
    return len(past)


def _end(person: UUID, now: datetime) -> None:
    """Destroy the key of a browser that has not come for so long; its row goes with the hash's own end."""
    erasure.begin(person, now=now)
    browsers.forget(person, now=now)
    erasure.erase(person, request=person, asked_by=SERVICE, now=now)
