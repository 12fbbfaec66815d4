"""
A session of requests that gives up in time, for programs of others that answer over HTTPS.

Why not a timeout alone: requests' own bounds each wait for some bytes, so that an answer which drips lasts as long as
the other side likes; and it follows a redirect wherever that leads, with what was to be sent.

Holds:    the body of an answer is read for `seconds`, up to LARGEST bytes; no redirect is followed.
Does not: bound how slowly headers drip, but that each wait for some ends.
"""

import time
from typing import Any

from requests import ConnectionError, PreparedRequest, Response, Session, Timeout  # noqa: A004
from urllib3.exceptions import HTTPError

SECONDS = 8.0  # for one exchange, however slowly it drips; a sign-in has three or four
LARGEST = 1_000_000  # bytes


class Patience(Session):
    """A session of requests that gives up in time."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self.seconds = seconds or SECONDS

    def get_redirect_target(self, resp: Response) -> None:  # noqa: ARG002 - requests' signature
        """Follow nothing: requests would read what a redirect carries before anybody looks at the clock."""
        return

    def send(self, request: PreparedRequest, **named: Any) -> Response:
        """Send, and read the whole answer before the deadline; a redirect is an answer like another."""
        ends = time.monotonic() + self.seconds
        named |= {"timeout": (self.seconds / 2, self.seconds / 2), "stream": True}
        response = super().send(request, **named)
        read = bytearray()
        try:
            while part := response.raw.read1(8192, decode_content=True):  # what is there, and no more
                read += part
                if time.monotonic() > ends or len(read) > LARGEST:
                    raise Timeout("the other side answers too slowly, or too much")
        except HTTPError as broken:
            raise ConnectionError("the other side's answer broke off") from broken
        finally:
            response.close()
        response._content = bytes(read)  # noqa: SLF001 - where requests itself keeps what was read
        return response
