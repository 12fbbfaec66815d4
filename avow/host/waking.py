"""
Signals as something to wait for: asked to stop, or a child has ended.

Why a flag and not an exception: an exception raised between a fork and the line that
notes it would lose the child. Steps look at the flag between them.

Holds:    SIGTERM, SIGINT and SIGHUP ask to stop; nothing else does, and asking twice
          changes nothing.
"""

import os
import select
import signal
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Waker:
    """Waits for a time, or for a signal."""

    def __init__(self) -> None:
        self.asked = False
        self.read, self.write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.write, warn_on_full_buffer=False)
        for number in STOPPING:
            signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def stopping(self) -> bool:
        """Tell whether someone asked to stop."""
        return self.asked

    def wait(self, seconds: float) -> None:
        """Wait, at most until the next signal."""
        if select.select([self.read], [], [], seconds)[0]:
            os.read(self.read, 4096)
