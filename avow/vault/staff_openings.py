"""
Write down that somebody of the company opened a person's data.

Why only staff: what a person opens is theirs, and what the service opens it does at that person's step or under
a clause, thousands of times a day; entries for those would say nothing and hide what matters. So openings by
the person, and by the service, are not recorded one by one, and the pages say so.

Holds:    the entry stands in the same transaction as the opening, under the person's key: they can see it.
"""

from datetime import datetime
from uuid import UUID

from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.vault.attesting import attest


def attest_opening(person: UUID, *, now: datetime) -> None:
    """Record one opening by staff."""
    attest(person, Act.OPENED_BY_STAFF, promise=Promise.PURPOSE_LIMIT, actor="staff", now=now)
