"""What people asked for: each with its clock, its state and how many stores have answered; never who asked."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from avow.people.desk_roles import Area
from avow.requests import queries
from avow.requests.queries import Line
from avow.requests.states import MEANING, Kind
from avow.web.desk.gate import staff_only

ASKED_FOR = {Kind.ACCESS: "a copy of all that is held", Kind.ERASURE: "erasure"}


@dataclass(frozen=True)
class Row:
    """One request on the desk."""

    line: Line

    @property
    def words(self) -> str:
        """What was asked for."""
        return ASKED_FOR[self.line.kind]

    @property
    def meaning(self) -> str:
        """Where it stands."""
        return MEANING[self.line.state]

    @property
    def path(self) -> str | None:
        """Its certificate, or how far it is."""
        return reverse("certificate", args=[self.line.number]) if self.line.kind is Kind.ERASURE else None


def rows(now: datetime) -> list[Row]:
    """Return the open requests, the one due first at the top, then those that were answered."""
    return [Row(line) for line in (*queries.unanswered(now), *queries.answered(now))]


@staff_only(Area.REQUESTS)
def requests(request: HttpRequest) -> HttpResponse:
    """Show the requests."""
    return render(request, "avow/desk_requests.html", {"rows": rows(timezone.now())})
