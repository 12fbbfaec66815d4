"""
Who may come to which part of the desk; to everybody else it is not there.

Holds:    somebody without a second step sees nothing of it, and is led to where one is set up. A page runs under its
          reader's own role in the database. Who may only look has every form of the page disabled, and what they send
          all the same is refused before the page runs.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import get_text_list
from psycopg.errors import InsufficientPrivilege

from avow.errors import Refused
from avow.people import desk
from avow.people.desk_roles import Area, May, Role, may
from avow.web.centre.gate import account_of

SECOND_STEP = "The desk opens with a second step alone: set up an authenticator app or a passkey first."
LOOKING = ("GET", "HEAD", "OPTIONS")
View = Callable[..., HttpResponse]
log = logging.getLogger(__name__)


def staff_only(area: Area, least: May = May.SEE) -> Callable[[View], View]:
    """Let in whose role sees this area, and lets act whose role acts in it.

    least: ACT for a page that acts, or opens somebody's data, by being looked at.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *positional: Any, **named: Any) -> HttpResponse:
            role = desk.role_of(request.user)
            if role is None:
                raise Http404
            if not desk.has_second_step(account_of(request)):
                messages.error(request, SECOND_STEP)
                return redirect("sign-in-ways")
            wanted = least if request.method in LOOKING else May.ACT
            far = may(role, area)
            if far < wanted:
                raise Refused(_no(role, area, wanted))
            if far < May.ACT:
                request.looks_as = role  # type: ignore[attr-defined]
            try:
                with desk.bound(role):
                    return view(request, *positional, **named)
            except ProgrammingError as refused:
                why = refused.__cause__
                if not isinstance(why, InsufficientPrivilege):
                    raise
                told = why.diag.message_primary  # names a table, and no value
                log.error("the role %s may not do at %s what the page tried: %s", role, area, told)  # noqa: TRY400
                raise Refused(_no(role, area, wanted)) from None

        guarded.area, guarded.least = area, least  # type: ignore[attr-defined]  # for the test that walks the pages
        return login_required(guarded)

    return guard


def _no(role: Role, area: Area, wanted: May) -> str:
    """Say who could."""
    able = get_text_list([str(one) for one in Role if may(one, area) >= wanted], "or")
    does = "opens" if wanted is May.SEE else "does"
    return f"Your role at the desk is {role}; this is something that the role {able} {does}. Ask one of them."
