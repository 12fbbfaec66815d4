"""
kill -9 at a chosen point of an act, in a child that was forked for it.

Two ways to choose the point. A moment: just before, or just after, something becomes durable in either database, a commit
or a statement that writes outside a transaction; statements between two such moments leave the same on the disk. A line:
just before the n-th line of the act's own modules is run, which also falls between two steps on files; one that a loop
comes back to counts twice. A step: before anything becomes durable, files as well as commits. With AVOW_SOAK=1 each
statement counts as a moment, and a line that a loop comes back to four times.
"""

import os
import signal
import sys
import traceback
from collections import Counter

EVERYWHERE = bool(os.environ.get("AVOW_SOAK"))
TIMES = 4 if EVERYWHERE else 2  # that one line counts: some loops go over rows, of which each kill leaves more


def in_a_child(act):
    """Run an act in a forked child; True when it was killed, False when it came to its end."""
    from django.db import connections

    connections.close_all()  # a child that closed its parent's connections would end them for both
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException:  # a child must never return into pytest
            traceback.print_exc()
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


class Doom:
    """Counts points and ends the process before a chosen one; 0: never, only count."""

    def __init__(self, at=0):
        self.at, self.seen = at, 0

    def moment(self):
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Moments(Doom):
    """Points before and after what becomes durable in a database."""

    def watch(self):
        """Count from here on, at both databases."""
        from django.db import connections
        from django.db.backends.base.base import BaseDatabaseWrapper

        BaseDatabaseWrapper._commit = self._commit(BaseDatabaseWrapper._commit)
        for alias in ("default", "avow_keys"):
            connections[alias].execute_wrappers.append(self._statement)
        return self

    def run(self, act):
        """Run an act; return how many moments there were if it lived."""
        act()
        return self.seen

    def _statement(self, execute, sql, params, many, context):
        alone = not context["connection"].in_atomic_block and not sql.lstrip().upper().startswith("SELECT")
        if alone or EVERYWHERE:
            self.moment()
        answer = execute(sql, params, many, context)
        if alone:
            self.moment()
        return answer

    def _commit(self, plain):
        def committing(connection):
            self.moment()
            plain(connection)
            self.moment()

        return committing


class Steps(Doom):
    """Points before what becomes durable on the disk or in a database: fsync, link, rename, removal, commit."""

    def watch(self):
        """Count from here on."""
        from pathlib import Path

        from django.db.backends.base.base import BaseDatabaseWrapper

        os.fsync, os.link = self._around(os.fsync), self._around(os.link)
        Path.unlink, Path.rename = self._around(Path.unlink), self._around(Path.rename)
        BaseDatabaseWrapper._commit = self._around(BaseDatabaseWrapper._commit)
        return self

    def _around(self, plain):
        def doomed(*positional, **named):
            self.moment()
            return plain(*positional, **named)

        return doomed


class Lines(Doom):
    """Points before each line of some modules."""

    def run(self, act, *modules):
        """Run an act; return how many lines there were if it lived."""
        files, times = {module.__file__ for module in modules}, Counter()

        def each_line(frame, event, _):
            if event == "line":
                times[frame.f_code, frame.f_lineno] += 1
                if times[frame.f_code, frame.f_lineno] <= TIMES:
                    self.moment()
            return each_line

        sys.settrace(lambda frame, *_: each_line if frame.f_code.co_filename in files else None)
        try:
            act()
        finally:
            sys.settrace(None)
        return self.seen


def killed_at_moment(number, act):
    """Run an act in a child that dies before the n-th moment at either database; False when it came to its end."""
    return in_a_child(lambda: Moments(number).watch().run(act))


def killed_before_line(number, act, *modules):
    """Run an act in a child that dies before the n-th line of these modules; False when it came to its end."""
    return in_a_child(lambda: Lines(number).run(act, *modules))
