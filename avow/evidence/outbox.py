"""
Hand an act to the log, in the very transaction in which it happens.

Why an outbox and not the log itself: the log has one writer and one order, and an act must
not wait for either. What commits with the act cannot be lost; what rolls back leaves nothing.

Holds:    act and entry commit together or not at all; the log takes the entry up within a second,
          exactly once (`sequencing`).
Assumes:  the caller is inside `transaction.atomic(using=…)` of the database in which the act takes place.
"""

from uuid import UUID, uuid4

from avow.evidence.entries import Entry
from avow.evidence.models import Outbox


def record(entry: Entry, *, using: str = "default") -> UUID:
    """Put the entry in line and return the id by which its receipt can be asked for."""
    waiting = Outbox(entry_id=uuid4(), entry=entry.encode())
    waiting.save(using=using, force_insert=True)
    return waiting.entry_id
