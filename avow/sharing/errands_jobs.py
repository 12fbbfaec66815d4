"""
The name of this room's job, and how to ask for it without importing it.

Holds:    a job carries an errand's random number and nothing else; two jobs of one errand never run at once.
"""

from uuid import UUID

from procrastinate.contrib.django import app

DELIVER = "sharing.deliver"


def deliver_soon(errand: UUID, *, after: int = 0) -> None:
    """Have the worker carry this errand, after some seconds."""
    later = {"seconds": after} if after else None
    app.configure_task(DELIVER, lock=f"errand-{errand}", schedule_in=later).defer(errand_id=str(errand))
