"""
Who is in no release: people who objected, whose data rests, whose erasure is under way, and whom a hold is about.

Why a hold leaves its person out: what is kept for a court is kept for nothing else, and what a release shows shall not
differ by when the hold ends.

Holds:    they are left out before anything is counted, under the names that they have in the lake.
          `mark` tells whether anybody joined or left this list since it was read.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from avow.policy.purposes import Purpose
from avow.vault import choices, holds, persons, pseudonyms

AGAINST = (Purpose.ANONYMISED_RELEASE, Purpose.ANALYSIS)


def people(now: datetime) -> set[UUID]:
    """Return everybody who is left out."""
    return choices.who_said_no(*AGAINST) | holds.held(now=now)


def names(days: Sequence[date], *, now: datetime) -> frozenset[int]:
    """Return the names that they have in the lake on these days."""
    pairs = [(person, day) for person in people(now) for day in days]
    return frozenset(in_the_lake(name) for name in pseudonyms.pseudonyms(pairs).values())


def in_the_lake(name: str) -> int:
    """Return a pseudonym as the lake writes it: its first eight bytes as a signed whole number."""
    return int.from_bytes(bytes.fromhex(name)[:8], "big", signed=True)


def mark(now: datetime) -> tuple[frozenset[UUID], int]:
    """Return what differs after somebody joined or left the list, also who began to leave and is gone already."""
    return frozenset(people(now)), persons.ever_leaving()
