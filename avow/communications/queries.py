"""
What pages ask about messages: the desk's counts, and what is kept about one's own.

Holds:    the desk sees kinds and counts, never a person. A person sees the messages that still
          lie under their key; of the rest nothing leads to them any more, and so nothing is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from avow.communications.models import Ledger, Outgoing


@dataclass(frozen=True)
class Written:
    """One message to a person that is still kept."""

    number: UUID
    kind: str
    letter: str
    state: str
    at: datetime


def counts() -> Mapping[tuple[str, str], int]:
    """Count every message ever asked for, by kind and state."""
    counted = Ledger.objects.values_list("kind", "state").annotate(number=Count("message")).order_by("kind", "state")
    return {(kind, state): number for kind, state, number in counted}


def written_to(person: UUID, now: datetime) -> list[Written]:
    """Return the messages to this person that are still kept, the newest first."""
    kept = list(Outgoing.objects.filter(person=person, ends_at__gt=now).order_by("-queued_at"))
    lines = {line.message: line for line in Ledger.objects.filter(message__in=[row.id for row in kept])}
    return [
        Written(row.id, row.kind, lines[row.id].letter, lines[row.id].state, row.queued_at)
        for row in kept
        if row.id in lines
    ]
