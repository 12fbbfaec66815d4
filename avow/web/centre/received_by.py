"""Received by: which agents, and which authorities, received which of a person's fields, and when."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.sharing import disclosures_telling, errands_queries, incidents_for_people
from avow.sharing.errands_queries import Line
from avow.sharing.errands_states import MEANING, Kind
from avow.vault import holds
from avow.web.centre.gate import person_of

KINDS = {Kind.DELIVERY: "for its work", Kind.CORRECTION: "your correction", Kind.DELETION: "an order to delete"}


def told(lines: list[Line]) -> list[tuple[Line, str, str]]:
    """Put the words beside each errand."""
    return [(line, KINDS[line.kind], MEANING[line.state]) for line in lines]


@login_required
def received_by(request: HttpRequest) -> HttpResponse:
    """Show it."""
    person = person_of(request)
    shown = {
        "lines": told(errands_queries.of_person(person)),
        "cases": disclosures_telling.told(person),
        "touched": incidents_for_people.touched(person),
        "holds": holds.tellable(person, now=timezone.now()),
    }
    return render(request, "avow/received_by.html", shown)
