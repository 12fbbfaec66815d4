"""A small real HTTP endpoint of an agent: it answers as it is told, and keeps what it was sent."""

import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.raw.append((dict(self.headers), body))
        self.server.answer(self)

    do_GET = do_POST  # noqa: N815 - a redirect that is followed would arrive here

    def log_message(self, *_):
        """Say nothing."""


def says(status, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def signs(secret, body=b'{"done":true}'):
    mac = hmac.new(secret, b"7." + body, hashlib.sha256).hexdigest()
    return says(200, body, Avow_Signature=f"t=7,v1={mac}")


def hangs(handler):
    time.sleep(3)


def drips(handler):
    """One byte at a time, for ever: no single read takes long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(40):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.raw, self.answer = [], says(204)

    def handle_error(self, *_):
        """Say nothing of those who hang up."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    @property
    def taken(self):
        return [json.loads(body) for _, body in self.raw if body]


@contextmanager
def running(port=0):
    with Endpoint(port) as endpoint:
        threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield endpoint
        finally:
            endpoint.shutdown()
