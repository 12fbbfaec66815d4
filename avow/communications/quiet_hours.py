"""
When news waits for the morning.

Why the company's clock and not each person's: an account holds no time zone, since the policy names none, and one
guessed from an address of the network would be a use that nobody was told of.

Holds:    only news waits; a notice, a security alert and what answers an act of one's own goes at any hour. On the day
          that the clocks change, the hours are those on the wall.
"""

from datetime import datetime, timedelta

from django.conf import settings

from avow.communications.classes import Kind
from avow.communications.frequency import NEWS
from avow.communications.quiet_time import QuietHours


def goes_at(kind: Kind, *, now: datetime) -> datetime:
    """Return when a mail of this kind may go: now, or when the quiet hours end."""
    hours: QuietHours | None = settings.QUIET_HOURS
    here = now.astimezone(hours.zone) if hours else now
    if hours is None or kind not in NEWS or not hours.includes(here.time()):
        return now
    day = here.date() if here.time() < hours.ends else here.date() + timedelta(days=1)
    return datetime.combine(day, hours.ends, hours.zone).astimezone(now.tzinfo)
