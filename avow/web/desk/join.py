"""
The page behind a link that gives a role at the desk.

Holds:    opening it changes nothing; its button does, for the account that is signed in.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from avow.errors import NotFound
from avow.people import desk_invitations
from avow.people.desk_roles import WORDS
from avow.web.centre.gate import account_of, once_more


@login_required
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Say what it does, or do it for somebody who has just shown who they are."""
    now = timezone.now()
    role = desk_invitations.offered(token, now=now)
    if role is None:
        raise NotFound(desk_invitations.GONE)
    if request.method != "POST":
        return render(request, "avow/desk_join.html", {"role": role, "does": WORDS[role]})
    if page := once_more(request):
        return page
    desk_invitations.accept(token, account_of(request), now=now)
    messages.success(request, f"This account may use the desk now; its role is {role}.")
    return redirect("wall")
