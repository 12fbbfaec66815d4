"""
How the service is used, and what to improve: two reports from the lake, in numbers of people by day.

Holds:    fewer than five people are never shown as a number, and who objected is left out.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.errors import PurposeRefused
from avow.people.desk_roles import Area
from avow.policy.purposes import Purpose
from avow.usage import analyses, dropping, manifest, places
from avow.web.desk.gate import staff_only

DAYS = 30
FEW = "fewer than 5"


@staff_only(Area.USAGE)
def usage(request: HttpRequest) -> HttpResponse:
    """Show people by day and the most used pages."""
    span = analyses.last_days(DAYS, Purpose.ANALYSIS, timezone.now())
    try:
        days, pages, bots = analyses.visits(span), analyses.pages(span)[: analyses.MOST], analyses.bots(span)
    except PurposeRefused as refused:
        return render(request, "avow/desk_usage.html", {"refused": str(refused)})
    picture = [(day.day, day.people) for day in days]
    busy = [day for day in reversed(days) if day.people != 0]
    undeclared = dropping.summed(manifest.newest(places.here().lake).dropped)
    shown = {"picture": picture, "days": busy, "pages": pages, "few": FEW, "bots": bots, "undeclared": undeclared}
    return render(request, "avow/desk_usage.html", shown)


@staff_only(Area.USAGE)
def improvement(request: HttpRequest) -> HttpResponse:
    """Show pages that fail, and features that nobody finds."""
    return render(request, "avow/desk_improvement.html", {"few": FEW, **_to_improve(timezone.now())})


def _to_improve(now: datetime) -> dict[str, object]:
    span = analyses.last_days(DAYS, Purpose.IMPROVEMENT, now)
    try:
        failing, features = analyses.failing(span), analyses.features(span, settings.FEATURES)
    except PurposeRefused as refused:
        return {"refused": str(refused)}
    picture = [(page.page, round(100 * page.share, 1)) for page in failing]
    return {"failing": failing, "features": features, "picture": picture}
