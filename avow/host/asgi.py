"""
The one entrance for HTTP: what must be quick is answered here, the rest is Django's.

Why a dispatch before Django: the collector of usage events is its own small app, the
only hot path; it is mounted here and never waits for Django's middleware.

Holds:    the worker that imports this dies with granian's main process, so that no
          orphan goes on answering on the port, and its memory is closed to debuggers.
          Every address is resolved at import: a broken one stops the start, not a visitor.
"""

import multiprocessing
import signal
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from avow.host import hardening, logs, marks
from avow.host.bounded import bounded
from avow.usage.beacon import beacon
from avow.usage.collecting import collect

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ALIVE = "/.well-known/avow-alive"

if main := multiprocessing.parent_process():
    hardening.die_with_parent(main.pid or 0, signal.SIGKILL)
    hardening.no_debuggers()
    logs.take_over()

django: App = bounded(get_asgi_application())  # type: ignore[arg-type]
assert get_resolver().url_patterns is not None  # imports every view now
marks.load()  # without every check and keeper in the register, pages would say that nothing watches a sentence


async def alive(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - an ASGI app's arguments
    """Say that this process serves; the supervisor waits for it."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"alive\n"})


MOUNTS: Mapping[str, App] = {ALIVE: alive, "/collect": collect, "/beacon.js": beacon}  # exact paths


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand the request to its mount, or to Django."""
    if scope["type"] == "http":
        await MOUNTS.get(scope["path"], django)(scope, receive, send)
