"""
A visitor cannot fill the memory, the disk or every place at the server with one request.

It bites: without the count a body of undeclared length is read to its end; without the deadline the slow visitor is
waited for.
"""

import asyncio

import pytest

from avow.host import asgi, bounded
from tests import loops

FORM = {"type": "http", "path": "/accounts/login/", "headers": []}
UPLOAD = {"type": "http", "path": "/verify", "headers": []}


def visit(scope, pieces, *, seconds=1.0):
    """Send pieces (bytes, or None for silence) and return the status, what was read, and whether the app finished."""
    sent, read = [], []

    async def app(_scope, receive, send):
        more = True
        while more:
            message = await receive()
            read.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    queue = list(pieces)

    async def receive():
        piece = queue.pop(0)
        if piece is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": piece, "more_body": bool(queue)}

    async def send(message):
        sent.append(message)

    within = bounded.bounded(app, seconds=seconds, seconds_for_upload=seconds)
    loops.finish(within(scope, receive, send))
    return sent[0]["status"], sum(map(len, read))


def test_an_ordinary_form_passes():
    assert visit(FORM, [b"login=ada", b"&password=x"]) == (200, 20)


def test_a_declared_length_beyond_the_bound_is_refused_unread():
    scope = {**FORM, "headers": [(b"content-length", b"1048577")]}
    assert visit(scope, [b"x"]) == (413, 0)


@pytest.mark.parametrize("scope, most", [(FORM, bounded.FORMS), (UPLOAD, bounded.UPLOADS["/verify"])])
def test_an_undeclared_length_is_counted(scope, most):
    piece = b"x" * (256 * 1024)
    status, read = visit(scope, [piece] * (most // len(piece) + 10), seconds=30)
    assert status == 413
    assert read <= most


def test_who_never_finishes_is_not_waited_for():
    assert visit(FORM, [b"login=", None, b"ada"], seconds=0.05) == (408, 6)


def test_the_service_itself_is_behind_the_bound():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("nothing of it may be read")

    scope = {**FORM, "method": "POST", "headers": [(b"content-length", b"300000000")]}
    loops.finish(asgi.application(scope, receive, send))
    assert sent[0]["status"] == 413
