"""
Hand an act to the log, in the very transaction in which it happens.

Why an outbox and not the log itself: the log has one writer and one order, and an act must
not wait for either. What commits with the act cannot be lost; what rolls back leaves nothing.

Holds:    act and entry commit together or not at all; the log takes the entry up within a second,
          exactly once (`sequencing`).
Assumes:  the caller is inside `transaction.atomic(using=…)` of the database in which the act takes place.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.db import connections

from avow.evidence.entries import Entry
from avow.evidence.models import Outbox

TOGETHER = """
    INSERT INTO evidence_outbox (entry_id, entry)
    SELECT entry_id, entry FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS t (entry_id, entry, place)
     ORDER BY place
"""


def record(entry: Entry, *, using: str = "default") -> UUID:
    """Put the entry in line and return the id by which its receipt can be asked for."""
    waiting = Outbox(entry_id=uuid4(), entry=entry.encode())
    waiting.save(using=using, force_insert=True)
    return waiting.entry_id


def record_each(entries: Iterable[Entry], *, using: str = "default") -> list[UUID]:
    """Put many in line, in their order; return their ids."""
    waiting = {uuid4(): entry.encode() for entry in entries}
    with connections[using].cursor() as cursor:
        cursor.execute(TOGETHER, [list(waiting), list(waiting.values())])
    return list(waiting)
