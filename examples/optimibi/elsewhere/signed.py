"""
The signature on what Avow delivers: `Avow-Signature: t=<seconds>,v1=<HMAC-SHA256 of "t.body", in hex>`.

Why the time is signed too: whoever records a delivery could otherwise repeat it for ever.
"""

import hashlib
import hmac

WINDOW = 300  # seconds by which clocks and queues may differ


def sign(secret: bytes, body: bytes, now: float) -> str:
    """Return the header for a body."""
    at = str(int(now))
    return f"t={at},v1={_mac(secret, at, body)}"


def is_signed(secret: bytes, header: str, body: bytes, now: float) -> bool:
    """Say whether this body was signed with the secret, lately."""
    at, _, mac = header.removeprefix("t=").partition(",v1=")
    if not secret or not (at.isascii() and at.isdigit()) or len(at) > 12 or abs(now - int(at)) > WINDOW:  # noqa: PLR2004
        return False
    return hmac.compare_digest(_mac(secret, at, body).encode(), mac.encode())


def _mac(secret: bytes, at: str, body: bytes) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
