"""Received by: which agents received which of a person's fields, and when."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from avow.sharing import errands_queries
from avow.sharing.errands_queries import Line
from avow.sharing.errands_states import MEANING, Kind
from avow.web.centre.gate import person_of

KINDS = {Kind.DELIVERY: "for its work", Kind.CORRECTION: "your correction", Kind.DELETION: "an order to delete"}


def told(lines: list[Line]) -> list[tuple[Line, str, str]]:
    """Put the words beside each errand."""
    return [(line, KINDS[line.kind], MEANING[line.state]) for line in lines]


@login_required
def received_by(request: HttpRequest) -> HttpResponse:
    """Show it."""
    return render(request, "avow/received_by.html", {"lines": told(errands_queries.of_person(person_of(request)))})
