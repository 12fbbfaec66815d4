"""
The cookie of a browser without account: a random number that we signed.

    value = hexadecimal of: number (16 bytes) ‖ the first 16 bytes of its HMAC

Why signed: a cookie that counts makes a person with a key; numbers that anybody makes up would fill the key store.
Why only a keyed hash of it goes on: the value is all the proof that a browser has. Who reads the spool, the lake, the
tables or a copy of what is held must not be able to act as that browser.

Holds:    a value that we did not make counts as none. What people are shown of a cookie is its fingerprint, under a key
          of its own, so that no copy leads to a browser's row.
"""

import hmac
import re
import secrets
from functools import cache

from avow.people.install import secret
from avow.vault import crypto

NAME = "avow_browser"
OFF = "off"  # the value in a browser that wants nothing recorded
YEAR = 365 * 86400  # seconds
SIZE = 16  # bytes: of the number, and of its proof
SHOWN = 6  # bytes of a fingerprint
FORM = re.compile(r"^[0-9a-f]{64}\Z")


def fresh(random: crypto.Random = secrets.token_bytes) -> str:
    """Return what a browser is known by from now on."""
    return signed(random(SIZE))


def signed(number: bytes) -> str:
    """Return the cookie of a number."""
    return (number + _proof(number)).hex()


def read(value: str | None) -> bytes | None:
    """Return the keyed hash that stands for a cookie of ours; None for any other."""
    if not value or not FORM.match(value):
        return None
    number, proof = bytes.fromhex(value[: 2 * SIZE]), bytes.fromhex(value[2 * SIZE :])
    return hashed(number) if hmac.compare_digest(proof, _proof(number)) else None


def hashed(number: bytes) -> bytes:
    """Return what stands for a number."""
    return hmac.digest(_key("hash"), number, "sha256")


def fingerprint(hash_: bytes) -> str:
    """Return by what a person tells one cookie from another; it opens nothing."""
    return hmac.digest(_key("fingerprint"), hash_, "sha256")[:SHOWN].hex()


def _proof(number: bytes) -> bytes:
    return hmac.digest(_key("proof"), number, "sha256")[:SIZE]


@cache
def _key(use: str) -> bytes:
    return crypto.derive(secret("browsers"), f"avow.browser-{use}/1")
