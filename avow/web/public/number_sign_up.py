"""
Opening an account by a phone number: the form, then the code.

Holds:    the answer is the same whether the number is registered or not, also about a message that did not go; who is
          signed in is led on.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from avow.errors import BadInput, NotFound, NotYet, Unavailable
from avow.people import number_sign_up, ports
from avow.people.number_form import SignUpByNumber
from avow.web.words import TEXTS


class Code(forms.Form):
    """What the text message says."""

    code = forms.CharField(
        label="Code", max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )  # fmt: skip


@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for number and password, and send a code."""
    if request.user.is_authenticated:
        return redirect("my-data")
    if not ports.texts().can_send():
        raise Http404
    form = SignUpByNumber(request.POST or None)
    if not form.is_valid():
        return render(request, "account/signup_by_number.html", {"form": form})
    if too_many := ratelimit.consume_or_429(request, action="signup"):
        answer: HttpResponse = too_many
        return answer
    try:
        place = get_adapter().get_client_ip(request)
        number_sign_up.begin(request.session, form.cleaned_data, now=timezone.now(), place=place)
    except (NotYet, Unavailable) as refused:
        form.add_error(None, str(refused))
        return render(request, "account/signup_by_number.html", {"form": form}, status=refused.http_status)
    return redirect("signup-number-code")


@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Take the code, open the account and show its recovery codes."""
    now = timezone.now()
    if not number_sign_up.is_waiting(request.session, now=now):
        return redirect("account_signup_by_number")
    form = Code(request.POST or None)
    if form.is_valid():
        try:
            account = number_sign_up.finish(request.session, form.cleaned_data["code"], now=now)
        except (BadInput, NotFound) as refused:
            form.add_error("code", str(refused))
        else:
            RecoveryCodes.activate(account)
            record_authentication(request, account, method="password", reauthenticated=True)  # typed just now
            signed_in: HttpResponse = perform_login(
                request, Login(user=account, redirect_url=reverse("mfa_view_recovery_codes"))
            )
            return signed_in
    shown = {"form": form, "trouble": TEXTS[number_sign_up.became(request.session)] if not form.errors else ""}
    return render(request, "account/signup_number_code.html", shown, status=422 if form.errors else 200)
