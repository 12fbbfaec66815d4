"""
Who may come to the desk; to everybody else it is not there.

Holds:    an officer without a second step sees nothing of it, and is led to where one is set up.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from avow.people import desk
from avow.web.centre.gate import account_of

SECOND_STEP = "The desk opens with a second step alone: set up an authenticator app first."
View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Let only the desk's accounts in; another signed-in person sees that there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *positional: Any, **named: Any) -> HttpResponse:
        if not desk.require(request.user):
            raise Http404
        if not desk.has_second_step(account_of(request)):
            messages.error(request, SECOND_STEP)
            return redirect("sign-in-ways")
        return view(request, *positional, **named)

    return login_required(guarded)
