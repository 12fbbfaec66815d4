"""
Sealing and deriving: the only file of the vault that names a cipher.

Why AES-256-GCM with random nonces: one person's key seals far fewer than 2^32 values.
GCM does not commit to its key, so everything that a value belongs to is bound as
associated data, and commitments are HMACs and never GCM tags.

    sealed  = format byte ‖ nonce (12) ‖ ciphertext ‖ tag (16)
    derived = HMAC-SHA256(key, label and parts ‖ 01)

Why only the second half of HKDF: the first, HKDF-Extract, makes a uniform key of something uneven. Every key that is
derived from here is uniform already, and RFC 5869 §3.3 lets it be skipped then. What remains is HKDF-Expand (§2.3),
of which 32 bytes are the first block: one call, where a key is derived for each of many people. `extract` is for
what is not uniform.

Holds:    a value opens only with its key and with exactly the parts it was bound to;
          two lists of parts never encode alike (each part has its length before it), and what a key is derived from
          is never what a commitment binds (the last byte stands outside every length).
Does not: hide how long a value is.
"""

import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from avow.errors import DoesNotOpen

FORMAT = b"\x01"
NONCE = 12  # bytes
OVERHEAD = len(FORMAT) + NONCE + 16
KEY = 32  # bytes
FIRST_BLOCK = b"\x01"  # of HKDF-Expand

Random = Callable[[int], bytes]


def bind(label: str, *parts: bytes) -> bytes:
    """Return what a value belongs to, as associated data."""
    return _named(label) + joined(*parts) if parts else _named(label)


def joined(*parts: bytes) -> bytes:
    """Return parts such that no two lists of them look alike: each has its length before it."""
    return b"".join([length_of(part) + part for part in parts])


def length_of(part: bytes) -> bytes:
    """Return what stands before a part."""
    return len(part).to_bytes(4, "big")


@lru_cache(maxsize=256)
def _named(label: str) -> bytes:
    return joined(label.encode())


def seal(key: bytes, plain: bytes, bound: bytes, *, random: Random = secrets.token_bytes) -> bytes:
    """Seal a value under a key, bound to what it belongs to."""
    nonce = random(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Return the value, or refuse when it was sealed under another key or belongs elsewhere."""
    try:
        if sealed.startswith(FORMAT):
            return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], bound)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        pass
    raise DoesNotOpen(
        "A sealed value does not open with its key: it was damaged, moved to another row, or comes from another "
        "installation; restore that row from a backup of this one."
    )


def derive(key: bytes, label: str, *parts: bytes) -> bytes:
    """Return a key of its own for this use, from a key that is uniform (HKDF-Expand with SHA-256)."""
    assert len(key) == KEY, "only a whole key is uniform; extract one from anything else"
    return hmac.digest(key, bind(label, *parts) + FIRST_BLOCK, "sha256")


def extract(secret: bytes, uneven: bytes) -> bytes:
    """Return a uniform key from something with enough chance in it, under a secret as salt (HKDF-Extract)."""
    return hmac.digest(secret, uneven, "sha256")


def commitment(key: bytes, label: str, *parts: bytes) -> bytes:
    """Return 32 bytes that bind to these parts and tell nothing without the key (HMAC-SHA256)."""
    return hmac.digest(key, bind(label, *parts), "sha256")
