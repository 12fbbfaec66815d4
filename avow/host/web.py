"""
The web process: granian's main, which serves static files itself and keeps one worker alive.

Holds:    as many requests at once as there are database connections for them, and no
          more; the rest waits in the socket's queue. No access log.
"""

import importlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from avow.host import logs, pooling
from avow.host.home import Home
from avow.host.reporting import as_expected, described, say

App = Callable[..., Any]
KEPT_FOR = 365 * 86400  # seconds; static files carry their hash in their name


def serve(listen: str, port: int, static: Path) -> None:
    """Serve until asked to end."""
    logs.take_over()
    multiprocessing.set_start_method("fork")
    Granian(
        "avow.host.asgi:application",
        address=listen,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        workers=1,
        backpressure=pooling.AT_ONCE,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_dictconfig=logs.configuration("web"),
        log_level=LogLevels.warning,
        log_access=False,
        static_path_route=["/static"],
        static_path_mount=[static],
        static_path_expires=KEPT_FOR,
    ).serve(target_loader=load, wrap_loader=False)


def load() -> App:
    """Import the application in granian's worker; end the worker, with a place to look, when it cannot be imported."""
    home = Home.from_environment()
    try:
        application: App = importlib.import_module("avow.host.asgi").application
    except Exception as raised:  # noqa: BLE001 - multiprocessing would print its text
        say(f"The web cannot start. {as_expected(raised, home) or described(raised, home)}")
        os._exit(1)
    return application


if __name__ == "__main__":
    serve(os.environ["AVOW_LISTEN"], int(os.environ["PORT"]), Home.from_environment().static)
    sys.exit(0)
