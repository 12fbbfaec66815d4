"""
How one session lies in the database: under a key that only the browser's cookie gives.

Why not sign and store: a session of an unfinished sign-up holds the address and
the code that was mailed to it. A signed session is readable by whoever reads the
table or its backup; this one opens only for the browser that holds the cookie.

    row key   SHA-256(cookie)                finds the row, opens nothing
    seal key  HKDF(cookie, install secret)   bound to the row key

Holds:    a copy of the whole database, even with the install secret, opens no
          session whose cookie it lacks; a row moved under another key does not open.
          Content is padded, so that its length does not tell an address's length.
Assumes:  the cookie has at least 128 bits of chance (`fresh_cookie` has 256).
"""

import hashlib
import secrets
from collections.abc import Callable

from avow.errors import DoesNotOpen
from avow.vault import crypto

BLOCK = 256


def fresh_cookie(random: Callable[[int], str] = secrets.token_urlsafe) -> str:
    """Return a new cookie value of 256 random bits."""
    return random(32)


def row_key(cookie: str) -> str:
    """Return the name under which this cookie's row lies."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def seal(content: bytes, *, cookie: str, secret: bytes, random: crypto.Random = secrets.token_bytes) -> bytes:
    """Return the content padded with spaces (JSON ignores them) and sealed for this cookie."""
    padded = content.ljust(-(-len(content) // BLOCK) * BLOCK)
    return crypto.seal(_key(cookie, secret), padded, _place(cookie), random=random)


def unseal(sealed: bytes, *, cookie: str, secret: bytes) -> bytes | None:
    """Return the content, or None when this cookie does not open it."""
    try:
        return crypto.unseal(_key(cookie, secret), sealed, _place(cookie)).rstrip(b" ")
    except DoesNotOpen:
        return None


def _key(cookie: str, secret: bytes) -> bytes:
    return crypto.derive(crypto.extract(secret, cookie.encode()), "avow.session/1")


def _place(cookie: str) -> bytes:
    return crypto.bind("avow.session/1", row_key(cookie).encode())
