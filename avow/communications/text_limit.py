"""
How many text messages this house sends in an hour at most.

Why in all, beside the limits for a person, a number and a network (`people.letter_limits`): each text costs money, some
numbers pay whoever has them written to, and a thousand browsers with a number each pass every smaller limit. And why
counted in the ledger: the counts of `letter_limits` lie in a cache that a crash empties.

Holds:    no more than TEXTS_AN_HOUR in any hour, also for many who ask at once. Who is refused learns what else they
          can do, and the service's log has a line for each.
Does not: hold back the word to a number that it opens an account no more: that follows a code, which was counted.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from avow.communications.classes import Channel
from avow.communications.models import Ledger
from avow.errors import NotYet
from avow.people import security_events
from avow.people.security_events import Event

HOUR = timedelta(hours=1)
ONE_AT_A_TIME = 0x61766F77_74657874  # "avowtext": an advisory lock, until whoever counted has committed


class TooManyTexts(NotYet):
    """As many text messages as this house sends in an hour have gone."""

    code = "too-many-texts"
    http_status = 429


def demand_room(now: datetime) -> None:
    """Refuse a text that would be one too many; who may send holds the turn until the transaction ends."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if in_the_last_hour(now) >= settings.TEXTS_AN_HOUR:
        security_events.note(Event.TEXTS_USED_UP)
        raise TooManyTexts(
            "So many codes were sent by text message that no more go out within this hour; try again later, or use an "
            "e-mail address."
        )


def in_the_last_hour(now: datetime) -> int:
    """Count the text messages of the last hour, whatever became of them."""
    return Ledger.objects.filter(channel=Channel.TEXT, queued_at__gt=now - HOUR).count()
