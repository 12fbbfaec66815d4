"""The measures of security that are in force, each with what watches it, for whoever wants to know."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.evidence import versions
from avow.policy.promises import Promise
from avow.sharing import incidents_queries
from avow.web.reading import measures
from avow.web.reading.standing import standings


def security(request: HttpRequest) -> HttpResponse:
    """Show the list."""
    now = timezone.now()
    found = standings(versions.in_force(now).bound, now)
    shown = {
        "measures": measures.measures(now),
        "at_each_change": measures.AT_EACH_CHANGE,
        "incidents": incidents_queries.by_year(),
        "sentences": [one for one in found if one.clause and Promise.SECURITY_MEASURES in one.clause.promises],
    }
    return render(request, "avow/security.html", shown)
