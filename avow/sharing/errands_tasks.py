"""What the worker tells others; told a row's number and nothing else, and may run twice."""

from datetime import UTC, datetime
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from avow.sharing import errands_delivering, errands_jobs, logouts
from avow.sharing.errands_states import TRIES

AGAIN = RetryStrategy(max_attempts=TRIES, exponential_wait=5)  # the last about a day after the first


@app.task(name=errands_jobs.DELIVER, retry=AGAIN)
def deliver(errand_id: str) -> None:
    """Carry one errand; Unavailable has the queue try it again."""
    errands_delivering.deliver(UUID(errand_id), now=datetime.now(UTC))


@app.task(name=logouts.TELL, retry=AGAIN)
def tell_logout(notice_id: str) -> None:
    """Tell one application that somebody left."""
    logouts.tell(UUID(notice_id), now=datetime.now(UTC))


@app.periodic(cron="41 * * * *")
@app.task(name="sharing.sweep_logouts", queueing_lock="sharing.sweep_logouts")
def sweep_logouts(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """Tell again what no job tells any more."""
    logouts.sweep(now=datetime.now(UTC))
