"""What the worker does for the law's cases; may run twice."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from avow.sharing import disclosures_telling


@app.periodic(cron="*/10 * * * *")
@app.task(name="sharing.tell_due", queueing_lock="sharing.tell_due")
def tell_due(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Tell people of cases whose ban has ended, and end cases about holds that are over."""
    now = datetime.now(UTC)
    disclosures_telling.end_with_holds(now)
    disclosures_telling.tell_due(now)
