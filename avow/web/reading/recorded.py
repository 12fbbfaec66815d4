"""What was recorded about one person, laid out for a page: the latest days as a strip, and the latest events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from avow.usage.recorded import Recorded, by_day

STRIP = 30  # days
LATEST = 25  # events


@dataclass(frozen=True)
class Line:
    """One event as a row."""

    at: datetime
    what: str
    page: str
    ip: str
    browser: str
    device: str


class Sheet:
    """Everything that a page shows of it."""

    def __init__(self, found: Sequence[Recorded], now: datetime) -> None:
        self.count = len(found)
        self.by_day: list[tuple[date, int]] = list(reversed(by_day(found)))
        self.lines = [_line(one) for one in found[:LATEST]]
        self.more = max(0, len(found) - LATEST)
        self.agents = sorted({one.sent["agent"] for one in found if one.sent.get("agent")})
        self._today = now.astimezone(UTC).date()

    @property
    def strip(self) -> list[tuple[date, int]]:
        """The latest days, also those without an event."""
        counted = dict(self.by_day)
        days = [self._today - timedelta(days=ago) for ago in reversed(range(STRIP))]
        return [(day, counted.get(day, 0)) for day in days]


def _line(one: Recorded) -> Line:
    what = one.feature if one.kind == "feature" and one.feature else "page"
    return Line(one.at, what, one.page, one.sent.get("ip", ""), one.browser, one.sent.get("device", ""))
