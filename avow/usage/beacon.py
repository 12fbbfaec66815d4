"""
The beacon: one small script for the company's pages; read once, the same for everybody.

Holds:    a browser that comes without a cookie gets one with the script, so that what it opens next is its own to see
          and to forget; one that says GPC or DNT, or said no, gets none.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from avow.usage import collecting
from avow.usage.receiving import COOKIE, OFF

HEADERS = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"private, max-age=3600"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


@cache
def script() -> bytes:
    """Return the script."""
    return Path(__file__).with_name("beacon.js").read_bytes()


async def beacon(scope: Mapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - an ASGI app's arguments
    """Hand the script over."""
    cookie = [(name.encode(), value.encode()) for name, value in collecting.as_header(_new_cookie(scope)).items()]
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS + cookie})
    await send({"type": "http.response.body", "body": script()})


def _new_cookie(scope: Mapping[str, Any]) -> str | None:
    heads = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    visitor = collecting.visitor_of(heads, "")
    has_one = visitor.cookie is not None and (visitor.cookie == OFF or COOKIE.match(visitor.cookie) is not None)
    return None if visitor.gpc or visitor.dnt or has_one else collecting.new_cookie()
