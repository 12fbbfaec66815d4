"""What the worker does for this room; each task is told a number and nothing else, and may run twice."""

from uuid import UUID

from django.utils import timezone
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from avow.communications import delivering, keeping, runs, text_delivering
from avow.errors import Unavailable

TRIES_AGAIN = 6  # the last about an hour and a half after the first
FIRST = 10  # a code that somebody waits for goes before all that can wait
ONE_AT_A_TIME = "communications.carry"  # so that letters to all hold one of the worker's hands, and no more
AGAIN = RetryStrategy(max_attempts=TRIES_AGAIN, exponential_wait=4)


@app.task(name="communications.deliver", retry=AGAIN, pass_context=True, priority=FIRST)
def deliver(context: JobContext, message_id: str) -> None:
    """Hand one message to the relay; when the relay refuses at the last try, give the message up."""
    try:
        delivering.deliver(UUID(message_id), now=timezone.now())
    except Unavailable:
        if context.job.attempts >= TRIES_AGAIN:
            delivering.give_up(UUID(message_id), now=timezone.now())
        raise


class WhenItSays(BaseRetryStrategy):
    """Try a text again when the gateway, or the text's own end, leaves room for it; what else broke, as a mail."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when, if at all."""
        if isinstance(exception, text_delivering.Later):
            return RetryDecision(retry_in={"seconds": exception.seconds})
        return AGAIN.get_retry_decision(exception=exception, job=job)


@app.task(name="communications.deliver_text", retry=WhenItSays(), priority=FIRST)
def deliver_text(message_id: str) -> None:
    """Hand one text to the gateway."""
    text_delivering.deliver(UUID(message_id), now=timezone.now())


@app.task(name="communications.carry", lock=ONE_AT_A_TIME)
def carry() -> None:
    """Hand over what waits of topics and notices, batch by batch."""
    runs.carry_all(clock=timezone.now)


@app.periodic(cron="* * * * *")
@app.task(name="communications.carry_on_mail", queueing_lock="communications.carry_on_mail", lock=ONE_AT_A_TIME)
def carry_on_mail(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Hand over what waited for the morning or for a server, and what a lost run left."""
    runs.carry_all(clock=timezone.now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="communications.clear_expired", queueing_lock="communications.clear_expired")
def clear_expired(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Remove messages past their end, those in accounts too."""
    delivering.clear_expired(timezone.now())
    keeping.clear_ended(timezone.now())
