"""`python -m optimibi`: serve until asked to end, on this machine alone."""

import signal
import sys
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from optimibi import app, settings


class Quiet(WSGIRequestHandler):
    """Writes no access log: who asked for what is told to Avow's collector, and to nobody else."""

    protocol_version = "HTTP/1.1"
    timeout = 15  # seconds that a silent connection may stay

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Say nothing."""


def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's arguments
    """End with the status of an orderly end."""
    sys.exit(0)


def main() -> None:
    """Serve."""
    signal.signal(signal.SIGTERM, stop)
    chosen = settings.read()
    server = make_server("127.0.0.1", chosen.port, app.create(chosen), threaded=True, request_handler=Quiet)
    server.serve_forever()


if __name__ == "__main__":
    main()
