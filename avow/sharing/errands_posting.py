"""
The one place from which something goes to an agent over the network: one signed POST to its endpoint.

Why the standard library's own client: it follows no redirect, keeps no cookie and reads no proxy from the environment,
so the bytes go to the address that the register names, or nowhere.

Holds:    https with certificates checked, or http to this machine. The whole exchange ends in PATIENCE seconds, also
          when the other side drips; no more than LONGEST bytes of an answer are read. The signature covers
          time and body.
Does not: try again; the queue does.
"""

import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from avow.errors import Unavailable

PATIENCE = 10.0  # seconds, for the whole exchange
LONGEST = 65_536  # bytes of an answer
SIGNATURE = "Avow-Signature"
ERRAND = "Avow-Errand"


@dataclass(frozen=True)
class Answer:
    """What the agent's endpoint said."""

    status: int
    body: bytes
    signature: str

    @property
    def took_it(self) -> bool:
        """Whether it says that it has taken the errand; a redirect has not."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx


def post(endpoint: str, body: bytes, *, errand: UUID, key: bytes, now: datetime, patience: float = PATIENCE) -> Answer:
    """Hand a body to an endpoint and return what it answers; Unavailable when it does not."""
    headers = {"Content-Type": "application/json", SIGNATURE: sign(key, body, now), ERRAND: str(errand)}
    connection, late = _connection(endpoint, patience), threading.Event()
    alarm = threading.Timer(patience, _hang_up, [connection, late])
    alarm.daemon = True
    alarm.start()
    try:
        answer = _exchange(connection, endpoint, body, headers)
        if late.is_set():  # what came before we hung up looks like a whole answer
            raise TimeoutError
        return answer  # noqa: TRY300 - the alarm must be off before anything else
    except (OSError, http.client.HTTPException, ValueError) as failed:
        raise Unavailable(
            f"The agent's endpoint did not answer ({type(failed).__name__}); it will be tried again."
        ) from None
    finally:
        alarm.cancel()
        connection.close()


def sign(key: bytes, body: bytes, now: datetime) -> str:
    """Return the header: HMAC-SHA256 over the time in seconds, a full stop, and the body."""
    at = str(int(now.timestamp()))
    return f"t={at},v1={hmac.digest(key, at.encode() + b'.' + body, 'sha256').hex()}"


def is_signed(key: bytes, answer: Answer) -> bool:
    """Say whether an agent's answer carries a signature of the same form over its own body."""
    at, _, mac = answer.signature.removeprefix("t=").partition(",v1=")
    if not at.isascii() or not at.isdigit():
        return False
    expected = hmac.digest(key, at.encode() + b"." + answer.body, "sha256").hex()
    return hmac.compare_digest(expected.encode(), mac.encode())


def _exchange(connection: http.client.HTTPConnection, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(endpoint)
    connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
    answered = connection.getresponse()
    return Answer(answered.status, answered.read(LONGEST), answered.getheader(SIGNATURE) or "")


def _connection(endpoint: str, patience: float) -> http.client.HTTPConnection:
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=patience, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=patience)


def _hang_up(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End an exchange that takes too long; who waits in it is woken."""
    late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
