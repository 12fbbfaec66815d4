"""
Compact, or forget, in a forked child that dies at a given moment.

A moment is just before something becomes durable: an fsync, a link, a rename, the removal of a file, a commit in either
database. AVOW_SOAK=1 tries each; otherwise every third, beginning at another one in each run.
"""

import os
import random
import signal
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Doom:
    """Counts moments and ends the process at a chosen one."""

    def __init__(self, at):
        self.at, self.seen = at, 0

    def moment(self):
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, plain):
        def doomed(*positional, **named):
            self.moment()
            return plain(*positional, **named)

        return doomed


def moments(most):
    """Which moments to die at, until there are no more."""
    return range(1, most) if os.environ.get("AVOW_SOAK") else range(random.randint(1, 3), most, 3)


def dies(act, at):
    """Do it in a child that dies at this moment; False when there is no such moment and it lived."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            doom = Doom(at)
            os.fsync, os.link = doom.around(os.fsync), doom.around(os.link)
            Path.unlink, Path.rename = doom.around(Path.unlink), doom.around(Path.rename)
            BaseDatabaseWrapper._commit = doom.around(BaseDatabaseWrapper._commit)
            act()
            os._exit(0)
        except BaseException:  # a child must never return into pytest
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, f"moment {at}: the child failed by itself"
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
