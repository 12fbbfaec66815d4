"""The wall: every sentence of the policy in order, with its state and the age of its evidence; what the law asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.evidence import versions
from avow.people import desk
from avow.people.desk_roles import Area, May
from avow.policy.law import Profile, Warned, warnings
from avow.policy.promises import CHECKS
from avow.sharing import incidents_queries
from avow.sharing.incidents_queries import Line
from avow.web import words
from avow.web.centre.gate import person_of
from avow.web.desk.gate import staff_only
from avow.web.pictures import marks
from avow.web.reading.standing import Standing, counts, standings


@dataclass(frozen=True)
class Row:
    """One sentence on the wall."""

    standing: Standing
    now: datetime

    @property
    def _oldest(self) -> tuple[datetime, float] | None:
        """The result that has used most of the age it is allowed, and that share."""
        checks = self.standing.evidence.checks if self.standing.evidence else ()
        aged = [
            (one.at, (self.now - one.at) / CHECKS[one.check].max_age)
            for one in checks
            if one.at and one.check in CHECKS
        ]
        return max(aged, key=lambda pair: pair[1], default=None)

    @property
    def at(self) -> datetime | None:
        """When its oldest result was."""
        return self._oldest[0] if self._oldest else None

    @property
    def used(self) -> float:
        """How much of its allowed age that result has used."""
        return self._oldest[1] if self._oldest else 0.0

    @property
    def age_title(self) -> str:
        """The bar in words."""
        return f"{min(self.used, 1):.0%} of the age at which its evidence is stale"


@dataclass(frozen=True)
class Wall:
    """What the wall shows."""

    found: Sequence[Standing]
    only: str
    now: datetime
    law: Profile
    asked: Sequence[Warned]
    incidents: Sequence[Line] = ()

    @property
    def rows(self) -> list[Row]:
        """The rows of the chosen state, or all."""
        return [Row(standing, self.now) for standing in self.found if self.only in ("", standing.shown.name)]

    @property
    def counts(self) -> list[tuple[marks.Shown, int]]:
        """How many are in each state, failing first."""
        return counts(self.found)

    @property
    def total(self) -> int:
        """How many sentences there are."""
        return len(self.found)

    @property
    def lead(self) -> str:
        """What needs attention, in one sentence."""
        failing = [standing.id for standing in self.found if standing.shown is marks.FAILING]
        if not failing:
            without = sum(standing.shown is marks.NO_MECHANISM for standing in self.found)
            return f"Nothing fails; {without} of {self.total} have no mechanism yet." if without else "Nothing fails."
        one = len(failing) == 1
        return f"{words.counted(len(failing), 'sentence')} {'fails' if one else 'fail'} now: {', '.join(failing)}."


@staff_only(Area.WALL)
def wall(request: HttpRequest) -> HttpResponse:
    """Show the wall, or the sentences of one state."""
    now = timezone.now()
    only = request.GET.get("state", "")
    bound, law = versions.in_force(now).bound, settings.LAW
    sees = desk.may(request.user, Area.INCIDENTS) >= May.SEE
    clocks = incidents_queries.on_the_wall(person_of(request), now) if sees else []
    only = only if only in marks.BY_NAME else ""
    shown = Wall(standings(bound, now), only, now, law, warnings(bound, law), clocks)
    return render(request, "avow/wall.html", {"wall": shown})
