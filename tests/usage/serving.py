"""A live server for tests: the collector and the beacon as `host.asgi` mounts them, pages of a host beside them, Django behind."""

import asyncio
import threading
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


def mounted(django):
    """Django with the collector's own apps before it."""
    from avow.usage.beacon import beacon
    from avow.usage.collecting import collect

    mounts = {"/collect": collect, "/beacon.js": beacon}

    def application(environ, start_response):
        app = mounts.get(environ["PATH_INFO"])
        return through(app, environ, start_response) if app else django(environ, start_response)

    return application


def through(app, environ, start_response):
    """Call an ASGI app for a WSGI request."""
    heads = [(k[5:].replace("_", "-").lower(), v) for k, v in environ.items() if k.startswith("HTTP_")]
    heads += [
        ("content-type", environ.get("CONTENT_TYPE", "")),
        ("content-length", environ.get("CONTENT_LENGTH") or "0"),
    ]
    scope = {
        "type": "http", "method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"],
        "client": (environ["REMOTE_ADDR"], 1), "headers": [(k.encode(), v.encode("latin-1")) for k, v in heads],
    }  # fmt: skip
    body, said = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)), []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        said.append(message)

    asyncio.run(app(scope, receive, send))
    start_response(f"{said[0]['status']} -", [(k.decode(), v.decode()) for k, v in said[0]["headers"]])
    return [said[1]["body"]]


@contextmanager
def served(app):
    """Serve a WSGI app on a port of this machine; its address."""
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
