"""
Whose centre it is, and whether they are still who signed in: what leaves or hands the account over asks once more.

Holds:    an act that asks is done when the password or a code was given, with all that was typed. Who signed in within
          the last minutes is not asked (`guards.is_fresh`).
"""

from collections.abc import Callable
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, suspend_request
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from avow.people import guards
from avow.people.models import Account

AGAIN = "Please sign in once more first: the last time is longer ago than five minutes."


def person_of(request: HttpRequest) -> UUID:
    """Return the person who is signed in; `login_required` stands before every view that asks."""
    return account_of(request).person


def account_of(request: HttpRequest) -> Account:
    """Return the account that is signed in."""
    assert isinstance(request.user, Account)
    return request.user


def once_more(request: HttpRequest) -> HttpResponse | None:
    """Return where the person shows once more who they are; None when that was done within the last minutes."""
    account = account_of(request)
    if guards.is_fresh(request, account, now=timezone.now()):
        return None
    methods = get_adapter().get_reauthentication_methods(account)
    if not methods:  # a third party guards the account
        return sign_in_again(request)
    page: HttpResponse = suspend_request(request, methods[0]["url"])
    return page


def soon_after_signing_in(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """
    Show a page of allauth's that gives one more way in.

    allauth asks who is there by whatever it can ask for. Where a third party alone guards the account it cannot, and
    would let anybody at the screen go on; so a sign-in of the last minutes is asked for, and counts for what comes.
    """
    account = account_of(request)
    if get_reauthentication_flows(account):
        return view(request)
    if not guards.is_fresh(request, account, now=timezone.now()):
        return sign_in_again(request)
    answer = view(request)
    if get_reauthentication_flows(account):
        record_authentication(request, account, "socialaccount", reauthenticated=True)
    return answer


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Lead to the page on which one signs in once more, and say why."""
    messages.error(request, AGAIN)
    return redirect("sign-in-ways")
