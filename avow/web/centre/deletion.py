"""
Delete: what goes, what stays, what the certificate will say; then the password once more, and it begins.

Holds:    nothing begins without the password. Who asked already is led to the page of that erasure.
Does not: wait. The worker carries the erasure on; the certificate's page shows how far it is.
"""

from allauth.account.forms import ReauthenticateForm
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.requests import erasing, planning, queries
from avow.requests.limits import LIMITS
from avow.requests.states import Kind
from avow.vault.actor import THE_PERSON
from avow.web.centre.gate import person_of


@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Show what deleting means, and do it."""
    now, person = timezone.now(), person_of(request)
    under_way = next((line for line in queries.of_person(person, now) if line.kind is Kind.ERASURE), None)
    if under_way:
        return redirect("certificate", under_way.number)
    form = ReauthenticateForm(request.POST or None, user=request.user)
    form.fields["password"].help_text = "So that nobody else at your screen can do this."
    if request.method == "POST" and form.is_valid():
        asked = erasing.ask(person, by=THE_PERSON, now=now)
        return redirect("certificate", asked.number)
    shown = {"form": form, "stores": planning.counts(person), "limits": LIMITS}
    return render(request, "avow/delete.html", shown, status=422 if form.errors else 200)
