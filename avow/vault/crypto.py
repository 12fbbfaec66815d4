"""
Sealing and deriving: the only file of the vault that names a cipher.

Why AES-256-GCM with random nonces: one person's key seals far fewer than 2^32 values.
GCM does not commit to its key, so everything that a value belongs to is bound as
associated data, and commitments are HMACs and never GCM tags.

    sealed = format byte ‖ nonce (12) ‖ ciphertext ‖ tag (16)

Holds:    a value opens only with its key and with exactly the parts it was bound to;
          two lists of parts never encode alike (each part has its length before it).
Does not: hide how long a value is.
"""

import hmac
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from avow.errors import DoesNotOpen

FORMAT = b"\x01"
NONCE = 12  # bytes
OVERHEAD = len(FORMAT) + NONCE + 16
KEY = 32  # bytes

Random = Callable[[int], bytes]


def bind(label: str, *parts: bytes) -> bytes:
    """Return what a value belongs to, as associated data."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in (label.encode(), *parts))


def seal(key: bytes, plain: bytes, bound: bytes, *, random: Random = secrets.token_bytes) -> bytes:
    """Seal a value under a key, bound to what it belongs to."""
    nonce = random(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Return the value, or refuse when it was sealed under another key or belongs elsewhere."""
    try:
        if sealed[:1] == FORMAT:
            return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], bound)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        pass
    raise DoesNotOpen(
        "A sealed value does not open with its key: it was damaged, moved to another row, or comes from another "
        "installation; restore that row from a backup of this one."
    )


def derive(key: bytes, label: str, *parts: bytes) -> bytes:
    """Return a key of its own for this use (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=bind(label, *parts)).derive(key)


def commitment(key: bytes, label: str, *parts: bytes) -> bytes:
    """Return 32 bytes that bind to these parts and tell nothing without the key (HMAC-SHA256)."""
    return hmac.digest(key, bind(label, *parts), "sha256")
