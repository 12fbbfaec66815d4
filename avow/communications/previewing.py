"""
How many people a message of a topic would reach, and how: what the desk sees before it sends.

Holds:    it counts and opens nothing; nobody is named.
Does not: know addresses that asked earlier, in an account that was erased: those are found at sending, so the
          number of mails may be smaller, and never larger.
"""

from dataclasses import dataclass
from datetime import datetime

from avow.communications.classes import Topic
from avow.communications.models import Switch
from avow.people import audience
from avow.policy.purposes import Purpose
from avow.vault import choices


@dataclass(frozen=True)
class Reach:
    """How many get it by mail, in the account alone, and not at all because they said so."""

    by_mail: int
    in_account: int
    not_at_all: int


def reach(topic: Topic, *, now: datetime) -> Reach:
    """Count whom a message of this topic would reach now."""
    everyone = audience.size(now)
    objected = choices.who_said_no(Purpose.COMMUNICATION)
    off = set(Switch.objects.filter(kind=topic, on_again_at=None).values_list("person", flat=True))
    silent = objected if topic is Topic.SECURITY_ALERTS else objected | off
    without = objected | off
    not_at_all = everyone - audience.size(now, without=silent)
    by_mail = audience.reachable_by_mail(now, without=without)
    return Reach(by_mail, everyone - not_at_all - by_mail, not_at_all)
