"""
The worker's part in requests: carry erasures on until they are complete.

Why a sweep as well as retries: a job can be lost with a restored database, or give up while
the log or a store is down for a day; the requests themselves say what is unfinished.

Holds:    safe to run twice, at once, or never: the next sweep finds what is open. One request
          that cannot go on, for whatever reason, does not hold up the others; the first such
          failure is raised at the end.
"""

import time
from datetime import UTC, datetime
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from avow.communications import mailbox
from avow.errors import NotYet
from avow.requests import case_sweep, digests, erasing, flags, jobs, unused
from avow.requests.models import Request
from avow.requests.states import OPEN, Kind
from avow.vault.in_turn import in_turn

SOON = RetryStrategy(max_attempts=5, exponential_wait=2)  # two seconds to half a minute; then the sweep
LOOKS, BETWEEN = 8, 0.4  # how often, and how many seconds apart, a job looks whether the log has caught up


class Waiting(NotYet):
    """An erasure waits for something; its job asks again."""

    code = "waiting"


@app.task(name=jobs.PUSH, retry=SOON)
def push_request(request_id: str) -> None:
    """Carry one erasure as far as it goes, looking a few times while the log takes it up."""
    for _ in range(LOOKS):
        progress = erasing.push(UUID(request_id), now=datetime.now(UTC))
        if not progress.waiting:
            return
        time.sleep(BETWEEN)
    raise Waiting(f"The erasure {progress.number} waits for {progress.waiting}.")


@app.periodic(cron="*/2 * * * *")
@app.task(name=jobs.SWEEP, queueing_lock=jobs.SWEEP)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """Push every erasure that is not at its end, the oldest first."""
    under_way = Request.objects.filter(kind=Kind.ERASURE, state__in=OPEN).order_by("asked_at", "pk")
    in_turn(under_way.values_list("pk", flat=True), lambda request: erasing.push(request, now=datetime.now(UTC)))


@app.periodic(cron="17 * * * *")
@app.task(name="requests.sweep_cases", queueing_lock="requests.sweep_cases")
def sweep_cases(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives every periodic job its time
    """End what nobody confirmed, and destroy the keys of mails and cases that are over."""
    case_sweep.sweep(datetime.now(UTC))
    mailbox.sweep(datetime.now(UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(name=jobs.FLAGS)
def carry_out_flags(timestamp: int) -> None:  # noqa: ARG001
    """Ask for the erasures that officers decided on, and for those that a crash overtook."""
    flags.carry_out(now=datetime.now(UTC))


@app.periodic(cron="29 3 * * *")
@app.task(name=jobs.UNUSED, queueing_lock=jobs.UNUSED)
def look_at_unused(timestamp: int) -> None:  # noqa: ARG001
    """Tell people whose account lies unused, and erase what nobody came back to."""
    while unused.look(now=datetime.now(UTC)):
        pass


@app.periodic(cron="10 6 * * *")
@app.task(name=jobs.DIGEST, queueing_lock=jobs.DIGEST)
def tell_of_use(timestamp: int) -> None:  # noqa: ARG001
    """Tell people how they used the service last month; each day, in case no worker lived on the first."""
    digests.tell(now=datetime.now(UTC))
