"""The beacon: one small script for the company's pages; read once, the same for everybody."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

HEADERS = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=3600"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


@cache
def script() -> bytes:
    """Return the script."""
    return Path(__file__).with_name("beacon.js").read_bytes()


async def beacon(scope: Mapping[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - an ASGI app's arguments
    """Hand the script over."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": script()})
