"""When a person corrects themselves, agents that have the old value are told, in the same transaction."""

from datetime import datetime
from uuid import UUID

from avow.people.signals import field_corrected
from avow.sharing import errands


def tell_agents(person: UUID, field: str, now: datetime, **_: object) -> None:
    """Queue the correction for each agent that ever received this field."""
    errands.correct(person, field, now=now)


def listen() -> None:
    """Receive the news; called once at start."""
    field_corrected.connect(tell_agents, dispatch_uid="sharing.errands")
