"""What the worker does for this room; each task is told a number and nothing else, and may run twice."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from avow.communications import delivering

AGAIN = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="communications.deliver", retry=AGAIN)
def deliver(message_id: str) -> None:
    """Hand one message to the relay."""
    delivering.deliver(UUID(message_id), now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="communications.clear_expired", queueing_lock="communications.clear_expired")
def clear_expired(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Remove messages past their end."""
    delivering.clear_expired(timezone.now())
