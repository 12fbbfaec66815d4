"""
Usage information: a letter about how one used the service oneself in a month.

Why the figures come from above: the room that counts lies beside this one; nothing here reads what anybody did.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from avow.communications.classes import Message, Topic
from avow.communications.sending import send

LETTER = "usage-summary"


def send_usage(person: UUID, *, month: date, days: int, most: Sequence[tuple[str, int]], now: datetime) -> UUID:
    """Send a person the summary of their own use: on how many days, and what they opened how often."""
    gaps = {
        "month": f"{month:%B %Y}",
        "days": "1 day" if days == 1 else f"{days} days",
        "lines": "\n".join(f"{name}: {times}" for name, times in most),
    }
    return send(person, Message(Topic.USAGE, LETTER, gaps), now=now)
