"""
What pages may ask about incidents: the desk sees clocks, words and counts; everybody sees how many there were.

Holds:    an officer whose openings an incident is about gets it from none of these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from avow.sharing.incidents_finding import SCOPES, Scope
from avow.sharing.incidents_models import Incident, IncidentDecision, IncidentFiling, IncidentScope
from avow.sharing.incidents_states import (
    AUTHORITY_WORDS,
    KINDS,
    OWED_WITHIN,
    PEOPLE_WORDS,
    RISKS,
    STAGE_WORDS,
    Authority,
    Kind,
    Risk,
    Stage,
)
from avow.vault import catalogue
from avow.vault.models import Recipient

AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Clock:
    """The 72 hours of one incident, as they stand now."""

    due_at: datetime
    now: datetime
    runs: bool  # nobody told the authority, and nobody decided that it need not be told

    @property
    def left(self) -> timedelta:
        """How long there is; never more than 72 hours, should the machine's clock have gone back."""
        return min(self.due_at - self.now, OWED_WITHIN)

    @property
    def late(self) -> bool:
        """Whether they have passed."""
        return self.runs and self.left < timedelta()

    @property
    def used(self) -> float:
        """How much of them has passed."""
        return 1 - self.left / OWED_WITHIN if self.runs else 1.0

    @property
    def words(self) -> str:
        """The clock in words."""
        if not self.runs:
            return "the clock has stopped"
        hours = abs(self.left) // AN_HOUR
        span = f"{hours} {'hour' if hours == 1 else 'hours'}" if hours else "less than an hour"
        return f"{span} past the 72 hours" if self.late else f"{span} left to tell the authority"


@dataclass(frozen=True)
class Line:
    """One incident on the desk."""

    row: Incident
    now: datetime
    here: int = 0

    @property
    def clock(self) -> Clock:
        """Its 72 hours."""
        runs = self.row.authority == Authority.UNDECIDED and self.row.stage != Stage.CLOSED
        return Clock(self.row.due_at, self.now, runs)

    @property
    def kind(self) -> str:
        """What went wrong."""
        return KINDS[Kind(self.row.kind)]

    @property
    def stage(self) -> str:
        """How far the work on it is."""
        return STAGE_WORDS[self.row.place.stage]

    @property
    def authority(self) -> str:
        """What became of the authority's notice."""
        return AUTHORITY_WORDS[self.row.place.authority]

    @property
    def people(self) -> str:
        """What became of the people's notice."""
        return PEOPLE_WORDS[self.row.place.people]

    @property
    def risk(self) -> str:
        """What it may mean for people, as assessed."""
        return RISKS[Risk(self.row.risk)] if self.row.risk else "not assessed yet"

    @property
    def touched(self) -> int:
        """How many people it touched, as far as that is known."""
        return self.here + self.row.gone_told + self.row.gone_untold


@dataclass(frozen=True)
class Standing:
    """How the register stands, in numbers."""

    open: int
    late: int
    words: str  # the clock that ends first, if one runs


@dataclass(frozen=True)
class Look:
    """One look for the people whom an incident touched, as the desk reads it."""

    row: IncidentScope
    where: str

    @property
    def kind(self) -> str:
        """Where it looks, in words."""
        return SCOPES[Scope(self.row.kind)]

    @property
    def repeats(self) -> bool:
        """Whether it can be done again: a list is kept nowhere."""
        return self.row.kind != Scope.NAMED and self.row.done_at is not None


def lines(officer: UUID, now: datetime) -> list[Line]:
    """Return every incident but those about whoever looks: open ones first, by their clock."""
    rows = Incident.objects.exclude(scopes__officer=officer).annotate(here=Count("affected", distinct=True))
    found = [Line(row, now, row.here) for row in rows]
    return sorted(found, key=lambda one: (one.row.stage == Stage.CLOSED, not one.clock.runs, one.row.due_at))


def on_the_wall(officer: UUID, now: datetime) -> list[Line]:
    """Return what is not closed, for the wall; without counts of people, which the wall does not need."""
    rows = Incident.objects.exclude(stage=Stage.CLOSED).exclude(scopes__officer=officer).order_by("due_at")
    return [Line(row, now) for row in rows]


def standing(now: datetime) -> Standing:
    """Return how the register stands; for a shell, which is nobody at the desk."""
    found = [Line(row, now) for row in Incident.objects.exclude(stage=Stage.CLOSED).order_by("due_at")]
    running = [one.clock for one in found if one.clock.runs]
    return Standing(len(found), sum(clock.late for clock in running), running[0].words if running else "")


def looks(row: Incident) -> list[Look]:
    """Return the looks for the people of an incident, in the order in which they were asked for."""
    rows = list(IncidentScope.objects.filter(incident=row).order_by("added_at", "pk"))
    names = dict(Recipient.objects.filter(pk__in={one.recipient for one in rows}).values_list("id", "name"))
    return [Look(one, _where(one, names)) for one in rows]


def filings(row: Incident) -> list[IncidentFiling]:
    """Return what the authority was told, the first first."""
    return list(IncidentFiling.objects.filter(incident=row).order_by("phase"))


def waiting(row: Incident) -> list[IncidentDecision]:
    """Return what waits for a second officer."""
    rows = IncidentDecision.objects.filter(incident=row, second=None, dropped_at=None)
    return list(rows.select_related("reason").order_by("proposed_at"))


def decided(row: Incident) -> list[IncidentDecision]:
    """Return what two officers decided, the oldest first."""
    return list(IncidentDecision.objects.filter(incident=row, second__isnull=False).order_by("agreed_at"))


def recipients() -> Iterable[tuple[str, str]]:
    """Return everybody who ever received data, by number and name."""
    return [(str(number), name) for number, name in Recipient.objects.order_by("name").values_list("id", "name")]


def by_year() -> list[tuple[int, int, int, int]]:
    """Return for each year how many incidents were registered, told to the authority, and told to people."""
    rows = Incident.objects.values("registered_at__year").annotate(
        all=Count("pk"), told=Count("pk", filter=Q(authority="told")), people=Count("pk", filter=Q(people="told"))
    )
    return sorted((row["registered_at__year"], row["all"], row["told"], row["people"]) for row in rows)


def _where(one: IncidentScope, names: dict[UUID, str]) -> str:
    """Say where a look looks, beyond its kind."""
    if one.kind == Scope.OPENINGS:
        return f"officer {str(one.officer)[:8]}" if one.officer else "anybody of the company"
    if one.kind == Scope.RECIPIENT and one.recipient:
        return names.get(one.recipient, "somebody who is no recipient any more")
    return ", ".join(catalogue.FIELDS[name].label if name in catalogue.FIELDS else name for name in one.fields)
