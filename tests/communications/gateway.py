"""A small real HTTP gateway for text messages: it answers as it is told, keeps what it was sent, and sends each id once."""

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "tk_live.0123456789-quite_secret"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.raw.append((dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else takes
        answer(self)

    do_GET = do_POST  # noqa: N815 - a redirect that is followed would arrive here

    def log_message(self, *_):
        """Say nothing."""


def says(status, body=b"{}", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def takes(handler):
    said = json.loads(handler.server.raw[-1][1])
    handler.server.sent.setdefault(said["id"], said)  # a number's phone rings once for each id
    says(202, json.dumps({"id": said["id"], "status": "queued"}).encode())(handler)


def takes_and(then):
    """Send the text, and then fail to say so."""

    def answer(handler):
        said = json.loads(handler.server.raw[-1][1])
        handler.server.sent.setdefault(said["id"], said)
        then(handler)

    return answer


def hangs(handler):
    time.sleep(1.5)
    handler.close_connection = True


def hangs_up(handler):
    handler.close_connection = True


def resets(handler):
    """End the connection as a process does that is killed."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def half(handler):
    """Die in the middle of an answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "40")
    handler.end_headers()
    handler.wfile.write(b'{"id": "abc", "sta')
    handler.close_connection = True


def endless(handler):
    """Answer with more than anybody wants to read."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**9))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b'{"a": "' + b"x" * 65_536)
    except OSError:
        handler.server.hung_up.set()
    handler.close_connection = True


class Gateway(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.raw, self.sent, self.answers, self.hung_up = [], {}, [], threading.Event()

    def handle_error(self, *_):
        """Say nothing of those who hang up."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1/texts?route=2"

    @property
    def setting(self):
        from avow.communications.gateway import Gateway as Setting

        return Setting.read(self.url, sender="Optimibi", key=KEY)

    @property
    def taken(self):
        return [json.loads(body) for _, body in self.raw]


@contextmanager
def running():
    with Gateway() as gateway:
        threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield gateway
        finally:
            gateway.shutdown()
