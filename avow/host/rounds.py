"""
Do one act again and again in a thread, as often as there is work.

Holds:    a failing act is tried again, ever more slowly, and ends neither the thread nor
          the process; its kind is logged once until it works again. Connections that a
          failure may have broken are closed.
Does not: hide that it fails: live checks look at what the act should have done.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connections

LONGEST = 5.0  # seconds between tries of a failing act
log = logging.getLogger("avow.host.rounds")


@dataclass
class Round:
    """One act and how long to wait after it did something, or nothing."""

    name: str
    act: Callable[[datetime], int]  # returns how much it did
    busy: float  # seconds to wait while there is work
    idle: float  # seconds to wait at most when there is none
    failures: int = 0
    quiet: int = 0
    last_kind: str = ""

    def once(self, now: datetime) -> float:
        """Do the act and return how long to wait before the next time."""
        try:
            done = self.act(now)
        except Exception as raised:  # noqa: BLE001 - whatever it is, the thread lives
            return self.failed(raised)
        if self.failures:
            log.info("%s works again after %d failures", self.name, self.failures)
        self.failures, self.last_kind = 0, ""
        self.quiet = 0 if done else self.quiet + 1
        return min(self.idle, self.busy * (1 + self.quiet // 20))

    def failed(self, raised: Exception) -> float:
        """Note a failure and return how long to wait."""
        self.failures += 1
        if type(raised).__name__ != self.last_kind:
            self.last_kind = type(raised).__name__
            log.error("%s fails and is tried again", self.name, exc_info=raised)
        connections.close_all()
        return min(LONGEST, 0.125 * 2.0 ** min(self.failures, 8))

    def keep_on(self, stop: threading.Event) -> None:
        """Go on until asked to stop."""
        wait = 0.0
        while not stop.wait(wait):
            wait = self.once(datetime.now(UTC))
        connections.close_all()
