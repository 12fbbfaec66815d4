"""What the worker does about incidents: find and tell, from where it was; may run twice, and is told nothing."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from avow.sharing import incidents_finding, incidents_telling
from avow.sharing.incidents_jobs import GO_ON, ONE_AT_A_TIME


def _now() -> datetime:
    return datetime.now(UTC)


@app.task(name=GO_ON, lock=ONE_AT_A_TIME)
def go_on() -> None:
    """Find whom open looks have not found yet, then tell whom notices have not reached."""
    incidents_finding.find_all(clock=_now)
    incidents_telling.tell_all(clock=_now)


@app.periodic(cron="* * * * *")
@app.task(name="sharing.incidents_sweep", queueing_lock="sharing.incidents_sweep", lock=ONE_AT_A_TIME)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Go on where a worker was killed."""
    go_on()
