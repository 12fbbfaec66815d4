"""
How you sign in: what guards this account, where one is signed in, and how to end all of it.

Holds:    what the page says of the guards is what the doors ask (`people.guards`). Nothing is ended or changed but by a
          button. What could lock the person out, or let somebody at their screen take over, asks for a sign-in of the
          last minutes.
"""

from datetime import datetime
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.views import PasswordSetView
from allauth.account.views import email as allauth_email
from allauth.mfa.recovery_codes.views import generate_recovery_codes
from allauth.mfa.totp.views import DeactivateTOTPView, activate_totp
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormView

from avow.errors import Refused
from avow.evidence import versions
from avow.people import guards, handles, known_browsers, queries, recovery, signing
from avow.policy.promises import Promise
from avow.web.centre.gate import account_of, once_more, person_of, sign_in_again, soon_after_signing_in
from avow.web.reading import guarding_words
from avow.web.reading.standing import Standing, standings

BESIDE = {Promise.PASSWORD_PROTECTION, Promise.THIRD_PARTY_SIGN_IN, Promise.SIGN_OUT}
LATER = "Applications are told at once; one that does not listen ends when it next asks here."
ENDED = f"Every browser is signed out here. {LATER}"
KEPT = f"Every other browser is signed out; you are still signed in here. {LATER}"
GONE = "It was disconnected already."


@login_required
def ways(request: HttpRequest) -> HttpResponse:
    """Show what guards the account and where it is open."""
    now, account = timezone.now(), account_of(request)
    guarding = guards.guarding(account)
    connected = {party.provider for party in guarding.third_parties}
    shown = {
        "guards": guarding,
        "came_back": recovery.is_under_way(request, account),
        "lead": guarding_words.lead(guarding),
        "number": handles.written(account.handle),
        "once_more": get_adapter().get_reauthentication_methods(account),
        "more": [offer for offer in offers("connect", "sign-in-ways") if offer["id"] not in connected],
        "sentences": sentences(now),
        "browsers": queries.browsers(account.person, this=request.session.session_key, now=now),
        "seen": known_browsers.of(account.person, now=now),
        "applications": queries.applications(account.person),
        "fresh": guards.is_fresh(request, account, now=now),
        "again": again(guarding, "sign-in-ways"),
    }
    return render(request, "avow/sign_in_ways.html", shown)


@login_required
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End every session and every token; this browser's too, unless the person keeps it."""
    now, person = timezone.now(), person_of(request)
    keep = request.POST.get("keep") == "this"
    signing.sign_out_everywhere(person, now=now, keep=request.session.session_key if keep else None)
    if not keep:
        signing.sign_out(request, now=now)
    messages.success(request, KEPT if keep else ENDED)
    return redirect("sign-in-ways" if keep else "front")


@login_required
@require_POST
def disconnect(request: HttpRequest, number: int) -> HttpResponse:
    """Take a third party away."""
    now, account = timezone.now(), account_of(request)
    if not guards.is_fresh(request, account, now=now):
        return sign_in_again(request)
    try:
        gone = guards.disconnect(account, number, now=now)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "It is disconnected." if gone else GONE)
    return redirect("sign-in-ways")


class SetPassword(PasswordSetView):  # type: ignore[misc]
    """allauth's page, also for who came back in by a recovery code and does not know the old password."""

    def dispatch(self, request: HttpRequest, *positional: Any, **named: Any) -> HttpResponse:
        """Lead who knows the old one to where it is asked for; allauth's page does so with everybody who has one."""
        account = account_of(request)
        if account.has_usable_password() and not recovery.is_under_way(request, account):
            return redirect("account_change_password")
        return cast("HttpResponse", FormView.dispatch(self, request, *positional, **named))


@login_required
@sensitive_post_parameters()
def set_password(request: HttpRequest) -> HttpResponse:
    """Set a first password, or one in place of one that is lost, when the person has shown who they are."""
    shown: HttpResponse = once_more(request) or SetPassword.as_view()(request)
    return shown


class TakeAppAway(DeactivateTOTPView):  # type: ignore[misc]
    """allauth's page, which leaves those their recovery codes who have nothing else to come back by."""

    def form_valid(self, form: Form) -> HttpResponse:  # noqa: ARG002 - it asks for nothing
        """Take it away."""
        guards.take_app_away(account_of(self.request), now=timezone.now())
        get_adapter().add_message(self.request, messages.SUCCESS, "mfa/messages/totp_deactivated.txt")
        return HttpResponseRedirect(self.get_success_url())


take_app_away = login_required(TakeAppAway.as_view())


@login_required
def allauths_address(request: HttpRequest) -> HttpResponse:
    """Show allauth's page about addresses, which asks nobody either: whoever has the address can take the account."""
    shown: HttpResponse = once_more(request) or allauth_email(request)
    return shown


@login_required
def set_up_app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, soon after signing in; allauth asks those who have a password for it."""
    return soon_after_signing_in(request, activate_totp)


@login_required
def make_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, soon after signing in."""
    return soon_after_signing_in(request, generate_recovery_codes)


def connections(request: HttpRequest) -> HttpResponseRedirect:
    """Lead from allauth's own page to ours."""
    return HttpResponseRedirect(reverse("sign-in-ways"))


def offers(process: str, then: str, **more: str) -> list[dict[str, str]]:
    """Return the third parties with the address that begins there and leads on to a page of ours."""
    query = urlencode({"process": process, "next": reverse(then), **more})
    return [
        {"id": provider, "name": name, "path": f"{reverse('openid_connect_login', args=[provider])}?{query}"}
        for provider, name in guards.offers().items()
    ]


def again(guarding: guards.Guards, then: str) -> list[dict[str, str]]:
    """Return where somebody can sign in once more: at the third parties that they are connected with."""
    connected = {party.provider for party in guarding.third_parties}
    found = offers("login", then)
    return [offer for offer in found if offer["id"] in connected]


def sentences(now: datetime) -> list[Standing]:
    """Return the policy's own sentences about signing in, with their marks."""
    found = standings(versions.in_force(now).bound, now)
    return [one for one in found if one.clause and BESIDE & set(one.clause.promises)]
