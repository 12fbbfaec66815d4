"""
Usage information: a letter about how one uses the service oneself.

Why the numbers come as words from above: the room that counts lies beside this one and calls; nothing here reads what
anybody did.
"""

from datetime import datetime
from uuid import UUID

from avow.communications.classes import Message, Topic
from avow.communications.sending import send


def send_usage(person: UUID, *, visits: str, pages: str, since: str, now: datetime) -> UUID:
    """Send a person the summary of their own use: how many visits, which pages most, since which day."""
    gaps = {"visits": visits, "pages": pages, "since": since}
    return send(person, Message(Topic.USAGE, "usage-summary", gaps), now=now)
