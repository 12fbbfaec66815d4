"""
Delete: what goes, what stays, what the certificate will say; then the sign-in once more, and it begins.

Holds:    nothing begins without the password; where there is none, not without a sign-in at the third party in the last
          minutes. Who asked already is led to the page of that erasure.
Does not: wait. The worker carries the erasure on; the certificate's page shows how far it is.
"""

from typing import cast

from allauth.account.forms import ReauthenticateForm
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.people import guards
from avow.requests import erasing, planning, queries
from avow.requests.limits import LIMITS
from avow.requests.states import Kind
from avow.vault.actor import THE_PERSON
from avow.web.centre.gate import account_of, person_of
from avow.web.centre.sign_in_ways import again


@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Show what deleting means, and do it."""
    now, person = timezone.now(), person_of(request)
    under_way = next((line for line in queries.of_person(person, now) if line.kind is Kind.ERASURE), None)
    if under_way:
        return redirect("certificate", under_way.number)
    guarding = guards.guarding(account_of(request))
    form = _form(request, guarding)
    fresh = guarding.password or guards.is_fresh(request, account_of(request), now=now)
    if request.method == "POST" and fresh and form.is_valid():
        asked = erasing.ask(person, by=THE_PERSON, now=now)
        return redirect("certificate", asked.number)
    shown = {
        "form": form, "stores": planning.counts(person), "limits": LIMITS, "guards": guarding, "fresh": fresh,
        "again": again(guarding, "delete"),
    }  # fmt: skip
    return render(request, "avow/delete.html", shown, status=422 if request.method == "POST" else 200)


def _form(request: HttpRequest, guarding: guards.Guards) -> Form:
    if not guarding.password:
        return Form(request.POST if request.method == "POST" else None)
    form = ReauthenticateForm(request.POST or None, user=request.user)
    form.fields["password"].help_text = "So that nobody else at your screen can do this."
    return cast("Form", form)
