"""
What pages and commands read of releases.

Holds:    nothing here names a person; officers are counted, not shown.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.sharing import spending
from avow.sharing.release_models import Release, Spend
from avow.sharing.spec import TITLES, Kind
from avow.vault.models import Recipient, RecipientKind


@dataclass(frozen=True)
class Line:
    """One release on a list."""

    row: Release
    partner: str

    @property
    def title(self) -> str:
        """What it is."""
        return TITLES[Kind(self.row.kind)]

    @property
    def since(self) -> datetime:
        """Its first day."""
        return datetime.fromisoformat(self.row.spec["since"])

    @property
    def until(self) -> datetime:
        """Its last day."""
        return datetime.fromisoformat(self.row.spec["until"])

    @property
    def approvals(self) -> int:
        """How many officers approved it."""
        return int(self.row.approvals.count())

    @property
    def opened(self) -> int:
        """How often the partner read it."""
        return sum(link.opened + link.downloaded for link in self.row.handovers.all())


@dataclass(frozen=True)
class Step:
    """What was left of a year's budget at one point, in thousandths."""

    what: str
    at: datetime | None
    spent: int
    left: int


def partners() -> list[tuple[UUID, str]]:
    """Return the partners of the register."""
    rows = Recipient.objects.filter(kind=RecipientKind.PARTNER, ended_at=None).order_by("name")
    return list(rows.values_list("id", "name"))


def lines() -> list[Line]:
    """Return every release, the newest first."""
    names = dict(Recipient.objects.values_list("id", "name"))
    rows = Release.objects.defer("table", "descriptor").prefetch_related("approvals", "handovers")
    return [Line(row, names.get(row.partner, "")) for row in rows.order_by("-proposed_at")]


def line(release: UUID) -> Line | None:
    """Return one release, or None."""
    return next((one for one in lines() if one.row.pk == release), None)


def published() -> list[Line]:
    """Return what went to partners, the newest first."""
    return [one for one in lines() if one.row.state == "published"]


def burn_down(year: int, *, now: datetime) -> list[Step]:
    """Return what was left of the budget of a year's use before and after each release."""
    left = spending.limits(now).year
    names = dict(Recipient.objects.values_list("id", "name"))
    steps = [Step("at the start", None, 0, left)]
    for row in Spend.objects.filter(year=year).order_by("reserved_at"):
        left -= row.thousandths
        steps.append(Step(names.get(row.partner, "a check"), row.reserved_at, row.thousandths, left))
    return steps
