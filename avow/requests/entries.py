"""
What the log is told about a request: the act, the sentence it rests on, and the hash of words that name nobody.

Holds:    the hash covers the request's random number, so whoever has the number can check the
          entry, and nobody else can guess what it is about.
"""

from datetime import datetime
from hashlib import sha256

from avow.evidence import versions
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise
from avow.requests.models import Request


def about(row: Request, act: Act, words: str, *, at: datetime) -> Entry:
    """Return the entry that says this of a request."""
    return Entry(
        act=act,
        at=at,
        promise=Promise.ACCESS_AND_ERASE,
        clause=clause_of(row.policy),
        policy=row.policy,
        evidence=sha256(f"{row.number} {words}".encode()).digest(),
    )


def clause_of(policy: str) -> str | None:
    """Return the name of the first sentence that promises access and erasure in this version."""
    return next((clause.name for clause in versions.read(policy).bound.by_promise(Promise.ACCESS_AND_ERASE)), None)
