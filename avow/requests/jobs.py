"""
The names of this room's jobs, and how to ask for one without importing it.

Why apart from tasks: an act asks for the job that later calls the act, and two files
cannot import each other. Enqueuing is part of the caller's transaction.

Holds:    a job carries a random id and nothing else.
"""

from uuid import UUID

from procrastinate.contrib.django import app

PUSH = "requests.push"
SWEEP = "requests.sweep"
UNUSED = "requests.look_at_unused"
DIGEST = "requests.tell_of_use"
FLAGS = "requests.carry_out_flags"


def push_soon(request: UUID) -> None:
    """Have the worker carry this erasure on."""
    app.configure_task(PUSH).defer(request_id=str(request))


def carry_out_flags_soon() -> None:
    """Have the worker ask for the erasures that officers decided on."""
    app.configure_task(FLAGS).defer(timestamp=0)
