"""What the worker does for agents; told an errand's number and nothing else, and may run twice."""

from datetime import UTC, datetime
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from avow.sharing import errands_delivering, errands_jobs
from avow.sharing.errands_states import TRIES

AGAIN = RetryStrategy(max_attempts=TRIES, exponential_wait=5)  # the last about a day after the first


@app.task(name=errands_jobs.DELIVER, retry=AGAIN)
def deliver(errand_id: str) -> None:
    """Carry one errand; Unavailable has the queue try it again."""
    errands_delivering.deliver(UUID(errand_id), now=datetime.now(UTC))
