"""
Whether every copy of the key database that runs has seen what a roll did.

Why: a standby that has not replayed the new covers holds old ones alone. Promoted after the old key is destroyed, it
would open nobody (tried: 0 of 1,500).

Holds:    a standby that is connected, a slot that one left, and one that AVOW_STANDBYS names each stand in the way
          until they have replayed past the place in the write-ahead log at which the epoch was condemned; an archive
          that receives the log, until it has it on its disk.
Assumes:  the operator names standbys that may be disconnected without a slot: no server knows of them.
"""

from operator import itemgetter

from django.conf import settings
from django.db import connections

from avow.vault.keys.epochs import KEYS

SEEN = "SELECT name, replayed >= %s::pg_lsn FROM vault_standbys()"


def behind(lsn: str | None) -> list[str]:
    """Return a sentence for each standby that has not replayed up to this place."""
    if lsn is None:
        return ["The place at which the epoch was condemned is not known; roll the keys again."]
    with connections[KEYS].cursor() as cursor:
        cursor.execute(SEEN, [lsn])
        seen: list[tuple[str, bool | None]] = cursor.fetchall()  # a slot may have the name of a standby
    late = [_late(name, passed=passed) for name, passed in sorted(seen, key=itemgetter(0)) if not passed]
    return late + [_absent(name) for name in settings.STANDBYS if name not in dict(seen)]


def _late(name: str, *, passed: bool | None) -> str:
    if passed is None:
        return (
            f"How far the standby {name} has come is not known: it has just connected, or avow's administrator may not "
            "read pg_stat_replication; let it."
        )
    return f"The standby {name} has not replayed the new covers; let it catch up, or drop its slot if it is gone."


def _absent(name: str) -> str:
    return f"The standby {name} is not connected; start it, or take it out of AVOW_STANDBYS if it is gone for good."
