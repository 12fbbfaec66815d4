"""
Push one erasure and die at a given moment.

A moment is just before, or just after, something becomes durable in either database: a commit, or a statement
that writes outside a transaction. Statements between two such moments leave the same on the disk; AVOW_SOAK=1
counts each of them as a moment all the same.

Run as a program of its own: `python -m tests.requests.killing REQUEST N` kills itself with SIGKILL at the N-th.
Entries are not taken up by the log here: that is the parent's part.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from uuid import UUID

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


EVERY_STATEMENT = bool(os.environ.get("AVOW_SOAK"))


class Doom:
    """Counts moments and ends the process before a chosen one."""

    def __init__(self, at):
        self.at, self.seen = at, 0

    def moment(self):
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute, sql, params, many, context):
        alone = not context["connection"].in_atomic_block and not sql.lstrip().upper().startswith("SELECT")
        if alone or EVERY_STATEMENT:
            self.moment()
        answer = execute(sql, params, many, context)
        if alone:
            self.moment()
        return answer

    def commit(self, plain):
        def committing(connection):
            self.moment()
            plain(connection)
            self.moment()

        return committing


def push_and_die(request, at):
    """Push with a process that dies before moment `at`; return how many moments there were if it lived."""
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    from avow.requests import erasing

    doom = Doom(at)
    BaseDatabaseWrapper._commit = doom.commit(BaseDatabaseWrapper._commit)
    for alias in ("default", "avow_keys"):
        connections[alias].execute_wrappers.append(doom.statement)
    erasing.push(UUID(str(request)), now=NOW)
    return doom.seen


if __name__ == "__main__":
    import django

    django.setup()
    print(push_and_die(sys.argv[1], int(sys.argv[2])))
