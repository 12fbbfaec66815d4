"""
Processes that the supervisor starts, watches and ends.

Holds:    a child dies with the supervisor, whatever ends that; it holds the home's
          lock while it lives; a Ctrl-C reaches the supervisor alone, which then ends
          the children in its order. A child that keeps dying is started again ever
          more slowly, up to once in LONGEST seconds.
Assumes:  the main thread starts them (hardening.die_with_parent).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from avow.host import hardening

LONGEST = 10.0  # seconds between two tries
STEADY = 15.0  # seconds of life after which a death counts as the first again
SECRET_TO_THE_SUPERVISOR = ("AVOW_DSN",)
NOT_FOR_CHILDREN = ("GRANIAN_", "PG")
FOR_A_GUEST = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONDONTWRITEBYTECODE")


def environment(**more: str) -> dict[str, str]:
    """Return a child's environment: ours, without the administrator's connection and what steers libraries."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in SECRET_TO_THE_SUPERVISOR and not key.startswith(NOT_FOR_CHILDREN)
    }
    return kept | {"DJANGO_SETTINGS_MODULE": "avow.host.settings", "PYTHONUNBUFFERED": "1"} | more


def plain(**more: str) -> dict[str, str]:
    """Return the environment of a program that is not ours: a few names of ours, and what it was given."""
    kept = {name: os.environ[name] for name in FOR_A_GUEST if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1"} | more


@dataclass
class Child:
    """One process to keep running."""

    name: str
    module: tuple[str, ...]  # what follows `python -m`
    patience: float  # seconds between asking it to end and ending it
    lock: int  # the home's lock, held by the whole tree
    clock: Callable[[], float]
    settings: dict[str, str] = field(default_factory=dict)
    guest: bool = False  # somebody else's program: it gets nothing of our environment, and Avow runs without it
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    began: float = 0.0
    next_try: float = 0.0

    def start(self) -> None:
        """Start it."""
        parent = os.getpid()
        self.began = self.clock()
        self.process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-P", "-m", *self.module],
            env=plain(**self.settings) if self.guest else environment(AVOW_PROCESS=self.name, **self.settings),
            stdin=subprocess.DEVNULL,
            pass_fds=[self.lock],
            start_new_session=True,
            preexec_fn=lambda: hardening.die_with_parent(parent, signal.SIGTERM),  # noqa: PLW1509 - no threads here
        )

    def alive(self) -> bool:
        """Tell whether it lives."""
        return self.process is not None and self.process.poll() is None

    def look_after(self) -> float | None:
        """Start it again when it died and its turn has come; return the seconds to its next try when it just died."""
        now = self.clock()
        if self.alive():
            return None
        if self.process is not None:
            self.process = None
            self.deaths = 1 if now - self.began > STEADY else self.deaths + 1
            self.next_try = now + pause_after(self.deaths)
            return self.next_try - now
        if now >= self.next_try:
            self.start()
        return None

    def ask_to_end(self) -> None:
        """Ask it to end, without waiting."""
        if self.alive() and self.process:
            self.process.terminate()

    def end(self) -> None:
        """See it end; kill it when it takes too long."""
        if self.process is None:
            return
        self.ask_to_end()
        try:
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def pause_after(deaths: int) -> float:
    """Return how long to wait before the next try: at once, then 1, 2, 4 … seconds."""
    return 0.2 if deaths <= 1 else min(LONGEST, 2.0 ** min(deaths - 2, 10))
