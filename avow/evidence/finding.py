"""
Find many entries of the log at once, by the ids under which they were recorded.

Why beside receipts: a list of acts needs numbers and times and no proofs, and proofs cost a walk each.

Holds:    an entry that the log has not taken up yet, or never will, is left out; `waiting` tells the two apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from avow.evidence.entries import Entry, decode
from avow.evidence.models import Leaf, Outbox

# The first condition is that of the index leaf_about_keys (migration 0002), word for word: such entries are few.
NAMING = """
    SELECT entry FROM evidence_leaf
     WHERE substring(entry FROM 1 FOR 13) IN ('{"act":"epoch', '{"act":"keys.')
       AND index >= %s AND position(%s::bytea IN entry) > 0 ORDER BY index
"""


@dataclass(frozen=True)
class Found:
    """One entry and its number in the log."""

    index: int
    entry: Entry


def find(entry_ids: Iterable[UUID]) -> dict[UUID, Found]:
    """Return the entries that the log holds, by id."""
    rows = Leaf.objects.filter(entry_id__in=list(entry_ids)).values_list("entry_id", "index", "entry")
    return {entry_id: Found(index, decode(bytes(entry))) for entry_id, index, entry in rows}


def waiting(entry_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these entries were committed and wait for the log; ask this before `find`, since they move on."""
    wanted = list(entry_ids)
    rows = [Outbox.objects.using(using).filter(entry_id__in=wanted) for using in ("default", "avow_keys")]
    return {entry_id for found in rows for entry_id in found.values_list("entry_id", flat=True)}


def naming(commitment: bytes, *, since: int = 0) -> list[Entry]:
    """Return the entries about keys, from this number on, whose subject or evidence is this."""
    with connection.cursor() as cursor:
        cursor.execute(NAMING, [since, commitment.hex().encode()])
        return [decode(bytes(entry)) for (entry,) in cursor.fetchall()]
