"""
Back in by a recovery code, for an account without an e-mail address.

Holds:    what opens and what does not is `people.recovery`'s to say. Who is back is led to where a new way in is made.
"""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from avow.people.recovery import Recover

BACK = "You are back. Add a passkey or another way in now, and take away the one that you lost."


def recover(request: HttpRequest) -> HttpResponse:
    """Ask for the account's number and a code."""
    if request.user.is_authenticated:
        return redirect("sign-in-ways")
    form = Recover(request.POST if request.method == "POST" else None)
    if form.is_valid():
        messages.success(request, BACK)
        login = Login(user=form.save(), redirect_url=reverse("sign-in-ways"))
        entered: HttpResponse = perform_login(request, login)
        return entered
    return render(request, "avow/recover.html", {"form": form}, status=422 if form.is_bound else 200)
