"""Every published version as the timeline shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from avow.evidence import queries, versions


@dataclass(frozen=True)
class Told:
    """One published version."""

    number: int
    effective: date
    published_at: datetime
    sha256: str
    log_index: int | None
    in_force: bool
    before: int | None  # the number of the version that it followed

    @property
    def path(self) -> str:
        """Where it can be read."""
        return reverse("version", args=[self.number])

    @property
    def changes_path(self) -> str | None:
        """Where it is shown beside the one before it; None for the first."""
        return reverse("changes", args=[self.before, self.number]) if self.before else None


def told(now: datetime) -> list[Told]:
    """Return the published versions, newest first."""
    current = versions.in_force(now).sha256
    found = sorted(versions.all_versions(), key=lambda version: version.number, reverse=True)
    places = queries.frozen()
    numbers = {v.sha256: v.number for v in found}
    return [
        Told(
            v.number, v.effective_date, v.published_at, v.sha256, places.get(v.sha256), v.sha256 == current,
            numbers.get(v.parent),
        )
        for v in found
    ]  # fmt: skip
