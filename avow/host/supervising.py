"""
The process tree: PostgreSQL, the web, the worker, and the one that looks after them.

    avow up ─┬─ postgres                 (its own user when we are root; none with AVOW_DSN)
             ├─ web: granian ── worker   (respawned by granian)
             ├─ worker: jobs, sequencer, live checks
             └─ example: optimibi        (in the demo only; a guest)

Holds:    whichever process dies is started again; when this one dies, all the others
          do, PostgreSQL with a clean shutdown; the lock on the home is free only when
          the last of them is gone. When room on the disk gets short it ends in order
          and says so, while there is still room to end.
Assumes:  runs in the main thread, which starts every child.
"""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg

from avow.errors import AvowError, NoSpace, Unavailable
from avow.host import space
from avow.host.announcing import Announcer
from avow.host.children import Child
from avow.host.waking import Waker

TICK = 0.5  # seconds between two looks when nothing happens
READY_WITHIN = 60.0  # seconds for the web to answer
TRIES = 3  # deaths of a child during the start, after which the start has failed


class Server(Protocol):
    """A PostgreSQL, ours or someone else's."""

    @property
    def title(self) -> str:
        """Name it for a person."""

    def start(self) -> None:
        """Return when it answers."""

    def stop(self) -> None:
        """End it, if it is ours."""

    def alive(self) -> bool:
        """Tell whether it lives, as far as that is ours to know."""

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as its administrator."""

    def address(self) -> dict[str, Any]:
        """How the service's roles reach it."""


@dataclass
class Tree:
    """The running service."""

    home: Path
    server: Server
    children: list[Child]
    waker: Waker
    announce: Announcer
    log: Callable[[str], None]
    why: AvowError | None = field(default=None)

    def open(self, ready: Callable[[], bool]) -> None:
        """Start the children and return when the web answers, or someone asked to stop."""
        for child in self.children:
            child.start()
        until = time.monotonic() + READY_WITHIN
        while not self.waker.asked and not ready():
            if time.monotonic() > until or any(child.deaths >= TRIES for child in self.children if not child.guest):
                raise Unavailable("The web or the worker does not come up; what it said last stands above.")
            self.look_after()
            self.waker.wait(0.05)

    def watch(self) -> None:
        """Keep everything running until someone asks to stop, or room gets short."""
        while not self.waker.asked and self.why is None:
            self.waker.wait(TICK)
            self.look_after()

    def look_after(self) -> None:
        """Start again what died, and see whether there is room to go on."""
        self.why = space.short(self.home)
        if self.why or self.waker.asked:
            return
        if not self.server.alive():
            self.log("PostgreSQL ended unasked and is started again")
            try:
                self.server.start()
            except NoSpace as full:
                self.why = full
                return
            self.log(f"{self.server.title} answers again")
        for child in self.children:
            pause = child.look_after()
            if pause is not None:
                self.log(f"{child.name} ended unasked and is started again in {pause:.1f} s")

    def close(self) -> None:
        """End the children together, then PostgreSQL."""
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.end()
        self.server.stop()


def answers(listen: str, port: int, path: str) -> bool:
    """Tell whether the web answers."""
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_free(port: int) -> bool:
    """Tell whether a port of this machine can be listened on."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
