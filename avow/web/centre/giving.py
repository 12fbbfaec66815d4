"""The page on which a function of the company's application asks for the one field that it needs."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from avow.errors import BadInput
from avow.evidence import versions
from avow.people import asking
from avow.web.centre.gate import person_of
from avow.web.centre.my_data import AUTOCOMPLETE, justified


@login_required
def give(request: HttpRequest, client_id: str, feature: str) -> HttpResponse:
    """Ask, keep what is given, and lead back to the application."""
    now, person, refusal = timezone.now(), person_of(request), None
    typed = request.POST.get("value", "")
    if request.method == "POST":
        try:
            return HttpResponseRedirect(asking.give(person, client_id, feature, typed, now=now))
        except BadInput as wrong:
            refusal = str(wrong)
    asked = asking.asked(person, client_id, feature, now=now)
    kind, autocomplete = AUTOCOMPLETE[asked.field.name]
    current = versions.in_force(now)
    shown = {
        "asked": asked, "refusal": refusal, "typed": typed, "kind": kind, "autocomplete": autocomplete,
        "purposes": [(purpose, justified(current, purpose)) for purpose in sorted(asked.field.purposes)],
    }  # fmt: skip
    return render(request, "avow/give.html", shown, status=422 if refusal else 200)
