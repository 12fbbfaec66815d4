"""What was opened and what was refused in the last thirty days, laid out for the desk; nobody is named."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from avow.evidence import versions
from avow.evidence.versions import Version
from avow.vault import opening_counts, refusals
from avow.vault.catalogue import FIELDS
from avow.vault.forms import Form, most

DAYS = opening_counts.SINCE.days


@dataclass(frozen=True)
class Refused:
    """One field and use that was refused, how often, and the sentence that it would have broken."""

    label: str
    purpose: str
    times: int
    sentences: tuple[tuple[str, str], ...]  # id and words in the policy in force


class Opened:
    """Openings by staff, by day and form."""

    def __init__(self, now: datetime) -> None:
        self._counts = opening_counts.by_form(now)
        self._today = now.astimezone(UTC).date()

    @property
    def strip(self) -> list[tuple[date, int]]:
        """Openings of whole values on each day, also on those without."""
        days = [self._today - timedelta(days=ago) for ago in reversed(range(DAYS))]
        return [(day, self._counts.get((day, most(*Form)), 0)) for day in days]

    @property
    def by_day(self) -> list[tuple[date, list[int]]]:
        """Each day on which something was opened, the newest first, with its number for each form."""
        days = sorted({day for day, _ in self._counts}, reverse=True)
        return [(day, [self._counts.get((day, form), 0) for form in Form]) for day in days]

    @property
    def sums(self) -> list[tuple[str, int]]:
        """Each form with its number in all."""
        return [(form.value, sum(n for (_, one), n in self._counts.items() if one == form)) for form in Form]


def refused(now: datetime) -> list[Refused]:
    """Return what was refused, the most frequent first."""
    version = versions.in_force(now)
    return [
        Refused(FIELDS[field].label if field in FIELDS else field, purpose, times, _sentences(version, clause))
        for field, purpose, clause, times in refusals.lately(now)
    ]


def by_field(found: list[Refused]) -> list[tuple[str, int]]:
    """Sum refusals by the field's label, the most frequent first."""
    sums: dict[str, int] = {}
    for one in found:
        sums[one.label] = sums.get(one.label, 0) + one.times
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def _sentences(version: Version, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.id, one.text) for one, clause in version.bound.clauses if clause and clause.name == name)
