"""
The beacon: one small script for the company's pages; read once, the same for everybody.

Holds:    a browser that comes without a cookie gets one with the script, so that what it opens next is its own to see
          and to forget; one that says GPC or DNT, said no, is a program, or would not bring it (of
          another site than ours), gets none.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from avow.people import families
from avow.usage import collecting, cookies, headers

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
    heads = headers.read(scope)
    visitor = collecting.visitor_of(heads, "")
    said_no = visitor.gpc or visitor.dnt or visitor.cookie == cookies.OFF or families.is_bot(visitor.agent or "")
    in_vain = headers.is_ahead(heads) or headers.is_cross_site(heads)
    return None if said_no or in_vain or cookies.read(visitor.cookie) else cookies.fresh()
