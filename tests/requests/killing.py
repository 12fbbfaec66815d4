"""
Push one erasure and die at a given moment (`tests.killing`).

Run as a program of its own: `python -m tests.requests.killing REQUEST N` kills itself with SIGKILL at the N-th.
Entries are not taken up by the log here: that is the parent's part.
"""

import sys
from datetime import UTC, datetime
from uuid import UUID

from tests.killing import Moments

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def push_and_die(request, at):
    """Push with a process that dies before moment `at`; return how many moments there were if it lived."""
    from avow.requests import erasing

    return Moments(at).watch().run(lambda: erasing.push(UUID(str(request)), now=NOW))


if __name__ == "__main__":
    import django

    django.setup()
    print(push_and_die(sys.argv[1], int(sys.argv[2])))
