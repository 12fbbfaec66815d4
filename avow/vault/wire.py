"""
The one place from which something goes to another program over the network: one POST, one answer.

Why in this room: rooms that do not see each other use it, and the gate that most of what leaves has to pass is here.
Why the standard library's own client: it follows no redirect, keeps no cookie and reads no proxy from the environment,
so the bytes go to the address that a register names, or nowhere.

Holds:    https with certificates checked, or http to this machine. The whole exchange ends in `patience` seconds, also
          when the other side drips; no more than LONGEST bytes of an answer are read. Where nothing can have arrived,
          since no connection came about, the error says so (NotReached).
Does not: try again; the queue does. Ask whether something may leave: who calls it does (`egress`).
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from avow.errors import Unavailable

PATIENCE = 10.0  # seconds, for the whole exchange
LONGEST = 65_536  # bytes of an answer


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def took_it(self) -> bool:
        """Whether it says that it has taken what was sent; a redirect has not."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx


class NotReached(Unavailable):
    """There was no connection, so nothing was sent."""

    code = "not-reached"


def post(endpoint: str, body: bytes, headers: Mapping[str, str], *, patience: float = PATIENCE) -> Answer:
    """Hand a body to an endpoint and return what it answers; Unavailable when it does not."""
    connection, late = _connection(endpoint, patience), threading.Event()
    alarm = threading.Timer(patience, _hang_up, [connection, late])
    alarm.daemon = True
    alarm.start()
    try:
        _reach(connection, late)
        answer = _exchange(connection, endpoint, body, headers)
        if late.is_set():  # what came before we hung up looks like a whole answer
            raise TimeoutError
        return answer  # noqa: TRY300 - the alarm must be off before anything else
    except (OSError, http.client.HTTPException, ValueError) as failed:
        raise Unavailable(f"The endpoint did not answer ({type(failed).__name__}); it will be tried again.") from None
    finally:
        alarm.cancel()
        connection.close()


def _reach(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """Connect, with TLS where it is asked for; what fails until then has sent nothing."""
    try:
        connection.connect()
        if late.is_set():
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as failed:
        raise NotReached(f"The endpoint was not reached ({type(failed).__name__}); it will be tried again.") from None


def _exchange(connection: http.client.HTTPConnection, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = urlsplit(endpoint)
    connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
    answered = connection.getresponse()
    return Answer(answered.status, answered.read(LONGEST), dict(answered.getheaders()))


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
