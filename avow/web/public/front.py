"""The front door: what this is, for whoever is not signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.evidence import versions
from avow.web.reading import text


def front(request: HttpRequest) -> HttpResponse:
    """Show the doors, or lead somebody signed in to what is held about them."""
    if request.user.is_authenticated:
        return redirect("my-data")
    now = timezone.now()
    return render(request, "avow/front.html", {"reading": text.read(versions.in_force(now), now=now)})
