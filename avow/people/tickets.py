"""
A ticket: what the company's own application shows us to say for whom a page or an event is.

Why not the person's number or an identifier of the application's: whoever learns one could name somebody else, and two
logs that hold it could be joined. A ticket is sealed under the installation's key, so only we read it; two tickets of
one person do not look alike; it ends by itself.

Holds:    a ticket that was altered, has ended, or belongs to another installation names nobody.
Assumes:  the application gets one over the back channel at sign-in (a claim of the OpenID Connect answer) and drops it
          at sign-out; it is kept in its session and written to no log.
Does not: open anything; it says who, never what.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from avow.people.sealed_token import SealedToken
from avow.vault import crypto

LASTS = timedelta(days=14)  # as long as a session may last
TICKET = SealedToken("tickets", "avow.ticket/1")
STAMP = 8  # bytes of the moment at which it ends, in seconds


def issue(person: UUID, *, now: datetime, random: crypto.Random = secrets.token_bytes) -> str:
    """Return a fresh ticket for a person."""
    ends = int((now + LASTS).timestamp()).to_bytes(STAMP, "big")
    return TICKET.write(person.bytes + ends, random=random)


def read(ticket: str, *, now: datetime) -> UUID | None:
    """Return whose ticket it is, or None when it names nobody (any more)."""
    plain = TICKET.read(ticket)
    if plain is None:
        return None
    ends = int.from_bytes(plain[16:], "big")
    return UUID(bytes=plain[:16]) if now.timestamp() < ends else None
