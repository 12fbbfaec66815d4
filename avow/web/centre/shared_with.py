"""Shared with partners: what was made of use for them, and the switch that leaves a person out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.evidence import versions
from avow.policy.purposes import Purpose
from avow.sharing import objecting, release_queries
from avow.web.centre.gate import person_of
from avow.web.centre.my_data import justified

SAID = {
    True: "From now on nothing of yours is counted for a partner.",
    False: "You are counted again, and named nowhere.",
}


@login_required
def shared_with(request: HttpRequest) -> HttpResponse:
    """Show it, and switch."""
    now, person = timezone.now(), person_of(request)
    if request.method == "POST":
        off = request.POST.get("off") == "yes"
        objecting.switch(person, off=off, now=now)
        messages.success(request, SAID[off])
        return redirect("shared-with")
    shown = {
        "releases": release_queries.published(),
        "off": objecting.is_off(person, now=now),
        "sentences": justified(versions.in_force(now), Purpose.ANONYMISED_RELEASE),
    }
    return render(request, "avow/shared_with.html", shown)
