"""A whole Avow, started as people start it: `avow up` in a home of its own, and what lives below it."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LEAST = 120  # seconds: what waits for a disk, on a machine whose disk stands still for ten
SERVES = "Avow serves"


def free_port():
    """A port below those that the system gives to whoever connects: nobody is given it between this look and a start."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.bind(("127.0.0.1", port))
            return port


def environment(home, **more):
    """A plain environment: what the tests' own house set must not reach the one under test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AVOW_", "PG", "DJANGO_"))}
    return kept | {"AVOW_HOME": str(home), "DEMO": "0", "PYTHONDONTWRITEBYTECODE": "1"} | more


def until(true, seconds, why, *, least=LEAST):
    """Wait for something, for a bounded time; it is looked at once more after the time is over."""
    deadline = time.monotonic() + max(seconds, least)
    while True:
        late = time.monotonic() >= deadline
        if found := true():
            return found
        if late:
            raise AssertionError(f"waited {max(seconds, least)} s for: {why}")
        time.sleep(0.05)


def stat_of(pid):
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent = rest.split()[:2]
    return None if state in "ZX" else (name, int(parent))


def below(root):
    """Every living process below this one, by pid, with its command line."""
    alive = {int(p.name): stat_of(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()}
    found, edge = {}, {root}
    while edge:
        edge = {pid for pid, stat in alive.items() if stat and stat[1] in edge}
        found |= {pid: command_of(pid) for pid in edge}
    return found


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class House:
    """One `avow up`."""

    def __init__(self, home, *words, port=None, prefix=(), python=sys.executable, **more):
        self.home, self.port = Path(home), port or free_port()
        self.words = [*prefix, python, "-m", "avow.host.cli", "up", "--port", str(self.port), *map(str, words)]
        self.more = more
        self.process = None
        self.said_in = self.home.parent / f"{self.home.name}.said"

    def start(self, *, wait=True):
        with self.said_in.open("wb") as said:
            self.process = subprocess.Popen(
                self.words, env=environment(self.home, **self.more), stdout=said, stderr=said, cwd="/"
            )
        if wait:
            until(lambda: SERVES in self.said or self.process.poll() is not None, 60, "the service")
            assert SERVES in self.said, self.said
        return self

    @property
    def said(self):
        return self.said_in.read_text(errors="replace")

    def get(self, path="/.well-known/avow-alive"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            connection.close()

    def serves(self):
        return self.get("/policy")[0] == 200  # asks the database, unlike the address that the supervisor waits for

    def tree(self):
        return below(self.process.pid)

    def one(self, *words, without=()):
        """The pid of the one process whose command line has all these words."""
        return next(
            (
                pid
                for pid, command in sorted(self.tree().items())
                if all(w in command for w in words) and not any(w in command for w in without)
            ),
            None,
        )

    def stop(self, by=signal.SIGTERM, seconds=180):
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(seconds)


def ended(pids, seconds=60):
    """Wait until none of these processes lives."""
    until(lambda: not [pid for pid in pids if stat_of(pid)], seconds, f"the end of {sorted(pids)}", least=seconds)
