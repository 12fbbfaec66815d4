"""
Remove what was recorded longer ago than the policy says.

Holds:    past the days that `usage_days` of the text in force allows, or of any text between the day's own and that one
          (a setting may only make it fewer), no row, no context and no browser is left: a text that keeps for longer
          keeps for longer what is recorded under it. Killed anywhere, the next run ends the same.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from avow.evidence import versions
from avow.policy.binding import BoundPolicy
from avow.policy.promises import Promise, keeps
from avow.usage import browsers, manifest, places
from avow.usage.locks import locked
from avow.usage.models import Browser, Context
from avow.usage.places import Place
from avow.vault import erasure, governing
from avow.vault.actor import SERVICE

USUAL = 396  # days, where the text names none
AT_ONCE = 1000


def days_kept(now: datetime, *, since: datetime | None = None) -> int:
    """Return for how many days what is recorded now, or was then, is kept: the text's number, or a stricter setting."""
    current, first = governing.in_force(now), governing.in_force(since or now)
    texts = [one for one in versions.all_versions() if first.number <= one.number <= current.number]
    return min(days_under(one.bound) for one in texts)


def days_under(bound: BoundPolicy) -> int:
    """Return for how many days a text keeps it: its number, or the stricter setting."""
    promised, chosen = bound.number("usage_days"), os.environ.get("AVOW_USAGE_DAYS", "")
    return min([promised.value if promised else USUAL, *([int(chosen)] if chosen.isdigit() else [])])


def is_past(day: date, now: datetime) -> bool:
    """Say whether what was recorded on a day is kept no longer."""
    age = now.astimezone(UTC).date() - day
    return age.days > days_kept(now, since=datetime.combine(day, time.min, UTC))


@keeps(Promise.DE_IDENTIFY)
def clear(*, now: datetime, place: Place | None = None) -> int:
    """Remove the days that are past; return how many."""
    place = (place or places.here()).make()
    gone = _clear_days(place, now)
    kept = Context.objects.order_by("day").values_list("day", flat=True).distinct()
    Context.objects.filter(day__in=[day for day in kept if is_past(day, now)]).delete()
    first = now.astimezone(UTC).date() - timedelta(days=days_kept(now))
    idle = Browser.objects.filter(last_day__lt=first).exclude(person=None)
    for person in idle.values_list("person", flat=True)[:AT_ONCE]:
        assert person is not None
        _end(person, now)
    browsers.sweep(now.date())
    return gone


def _clear_days(place: Place, now: datetime) -> int:
    with locked(place.lake):
        current = manifest.newest(place.lake)
        past = [day for day in current.days if is_past(date.fromisoformat(day), now)]
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
