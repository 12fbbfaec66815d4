"""
What the worker does about changes of the policy; may run twice, and is told nothing.

Why apart from `tasks`: these stand above the one door for messages, and the door stands above those.
"""

from django.utils import timezone
from procrastinate.contrib.django import app

from avow.communications import notices, publishing


@app.task(name=publishing.TELLING)
def tell_of_changes() -> None:
    """Tell everybody of a changed policy, batch by batch."""
    while notices.tell(now=timezone.now()):
        pass


@app.periodic(cron="* * * * *")
@app.task(name="communications.catch_up", queueing_lock="communications.catch_up")
def catch_up(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Announce what a start has frozen, bring in who came since, and go on where a run was killed."""
    publishing.catch_up(now=timezone.now())
    notices.tell(now=timezone.now())
