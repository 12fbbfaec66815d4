"""Who may come to the desk; to everybody else it is not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from avow.people import desk

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Let only the desk's accounts in; another signed-in person sees that there is nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *positional: Any, **named: Any) -> HttpResponse:
        if not desk.require(request.user):
            raise Http404
        return view(request, *positional, **named)

    return login_required(guarded)
