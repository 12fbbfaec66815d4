"""
How something goes to an agent: one signed POST to its endpoint.

Holds:    the signature covers time and body. What was answered counts as a receipt only with a signature of the same
          form over it.
Does not: try again; the queue does.
"""

import hmac
from datetime import datetime
from uuid import UUID

from avow.vault import wire
from avow.vault.wire import PATIENCE, Answer

SIGNATURE = "Avow-Signature"
ERRAND = "Avow-Errand"


def post(endpoint: str, body: bytes, *, errand: UUID, key: bytes, now: datetime, patience: float = PATIENCE) -> Answer:
    """Hand a body to an endpoint and return what it answers; Unavailable when it does not."""
    headers = {"Content-Type": "application/json", SIGNATURE: sign(key, body, now), ERRAND: str(errand)}
    return wire.post(endpoint, body, headers, patience=patience)


def sign(key: bytes, body: bytes, now: datetime) -> str:
    """Return the header: HMAC-SHA256 over the time in seconds, a full stop, and the body."""
    at = str(int(now.timestamp()))
    return f"t={at},v1={hmac.digest(key, at.encode() + b'.' + body, 'sha256').hex()}"


def is_signed(key: bytes, answer: Answer) -> bool:
    """Say whether an agent's answer carries a signature of the same form over its own body."""
    at, _, mac = answer.headers.get(SIGNATURE, "").removeprefix("t=").partition(",v1=")
    if not at.isascii() or not at.isdigit():
        return False
    expected = hmac.digest(key, at.encode() + b"." + answer.body, "sha256").hex()
    return hmac.compare_digest(expected.encode(), mac.encode())
