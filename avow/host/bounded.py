"""
A bound on what a visitor may send, and on how long sending may take, before Django sees any of it.

Why here: Django reads a whole body before any view or limit of its own, and spools what is
large to disk; and a server with few places is blocked by as many visitors who never finish.

Holds:    a body larger than its path allows is answered 413 and read no further, whether its
          length was declared or not; one that is not complete in time is answered 408.
Does not: bound how many visitors come; the proxy in front does, where there is one.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.exceptions import RequestAborted

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

UPLOADS = {"/verify": 33 * 1024 * 1024}  # bytes: the largest file that the page takes, and the form around it
FORMS = 1024 * 1024  # bytes, for every other path
SECONDS = 15.0  # for a whole form
SECONDS_FOR_UPLOAD = 120.0

TOO_LARGE = (413, b"That is larger than this page takes; send less, or a smaller file.\n")
TOO_SLOW = (408, b"The request did not arrive in time; send it again.\n")


def bounded(app: App, *, seconds: float = SECONDS, seconds_for_upload: float = SECONDS_FOR_UPLOAD) -> App:
    """Return the app behind the bound."""

    async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        most = UPLOADS.get(scope["path"], FORMS)
        if declared(scope) > most:
            await refuse(send, TOO_LARGE)
            return
        within = seconds_for_upload if scope["path"] in UPLOADS else seconds
        try:
            await app(scope, limited(receive, send, most, asyncio.get_running_loop().time() + within), send)
        except RequestAborted:  # the refusal has been sent; an app that does not expect this says nothing more
            return

    return application


def declared(scope: MutableMapping[str, Any]) -> int:
    """Return the length that the visitor declared, or nothing where it is none."""
    length = dict(scope.get("headers", ())).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


def limited(receive: Receive, send: Send, most: int, deadline: float) -> Receive:
    """Return a way to receive that ends with a refusal past the bound or the deadline."""
    seen, whole = 0, False

    async def receive_within() -> Message:
        nonlocal seen, whole
        if whole:
            return await receive()  # only a farewell can come now, and that may take its time
        try:
            message = await asyncio.wait_for(receive(), max(0.0, deadline - asyncio.get_running_loop().time()))
        except TimeoutError:
            await refuse(send, TOO_SLOW)
            raise RequestAborted from None
        seen += len(message.get("body", b""))
        if seen > most:
            await refuse(send, TOO_LARGE)
            raise RequestAborted
        whole = not message.get("more_body", False)
        return message

    return receive_within


async def refuse(send: Send, answer: tuple[int, bytes]) -> None:
    """Answer with a status and one sentence, and close."""
    status, sentence = answer
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence})
