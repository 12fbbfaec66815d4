"""What the worker does for this room now and then; the compactor is a round of its own (host/duties.py)."""

from django.utils import timezone
from procrastinate.contrib.django import app

from avow.usage import retaining


@app.periodic(cron="23 * * * *")
@app.task(name="usage.clear", queueing_lock="usage.clear")
def clear(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Remove what was recorded longer ago than the policy says."""
    retaining.clear(now=timezone.now())
