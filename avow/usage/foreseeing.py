"""What a new text would do to recorded use: what is removed, and what is read no more."""

from datetime import date, timedelta

from avow.policy.binding import BoundPolicy
from avow.policy.effects import Effect, dropped
from avow.policy.purposes import Purpose
from avow.usage import lake, retaining

READ_FOR = frozenset({Purpose.ANALYSIS, Purpose.IMPROVEMENT, Purpose.PERSONALISATION, Purpose.ANONYMISED_RELEASE})


def effects(before: BoundPolicy, after: BoundPolicy, *, effective: date) -> list[Effect]:
    """Return them, as of the day on which the text takes effect."""
    everything, days = _rows(date.min, date.max), retaining.days_under(after)
    found = [
        Effect("use", f"are read no more for {purpose}", everything, "recorded event")
        for purpose in dropped(before, after)
        if purpose in READ_FOR
    ]
    if days < retaining.days_under(before):
        gone = _rows(date.min, effective - timedelta(days=days + 1))
        found.append(Effect("use", f"are then older than {days} days and removed", gone, "recorded event"))
    return [one for one in found if one.number]


def _rows(since: date, until: date) -> int:
    return int(lake.ask(lambda: lake.events(since, until).count().to_pyarrow().as_py()))
