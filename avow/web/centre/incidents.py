"""Incidents: what went wrong with a person's data, as they were told."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.people import company
from avow.sharing import incidents_for_people
from avow.web.centre.gate import person_of


@login_required
def incidents(request: HttpRequest) -> HttpResponse:
    """Show them, and mark that they were shown."""
    person, now = person_of(request), timezone.now()
    shown = {"incidents": incidents_for_people.of(person, now=now), "contact": company.contact(now)}
    answer = render(request, "avow/incidents.html", shown)
    if request.method == "GET":
        incidents_for_people.seen(person, now=now)
    return answer
