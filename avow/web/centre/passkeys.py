"""
Passkeys of an account: add one, call it something else, take it away, show it once more.

Why around allauth's views: they make keys that do not sign in by themselves unless a box is ticked, lead a wrong key to
the sign-in page, and take the last way away.

Holds:    another way in asks for a sign-in of the last minutes; so does taking one away. The last way stays.
          These pages need a script, since browsers make and ask keys by nothing else; every other way does without.
"""

from typing import Any

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, SignupWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormView

from avow.errors import Refused
from avow.people import guards, passkeys, second_step
from avow.people.passkey_forms import Name
from avow.web.centre.gate import account_of, once_more, soon_after_signing_in

GONE = "It was taken away already."
RENAMED = "It has its new name."
TAKEN_AWAY = "It is taken away, and opens nothing here any more. Remove it from the device too."


class Add(AddWebAuthnView):  # type: ignore[misc]
    """Add one: a key that signs in by itself."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Set the new key its challenge."""
        shown: dict[str, Any] = FormView.get_context_data(self, **named)
        options = auth.begin_registration(account_of(self.request), passwordless=True)
        return shown | {"options": options}

    def get_success_url(self) -> str:
        """Lead on to the recovery codes, when there are new ones."""
        return reverse("mfa_view_recovery_codes" if self.did_generate_recovery_codes else "sign-in-ways")


class SignUp(SignupWebAuthnView):  # type: ignore[misc]
    """Open an account by a first passkey."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Set the new key its challenge."""
        shown: dict[str, Any] = super().get_context_data(**named)
        return shown | {"options": shown["js_data"]["creation_options"]}

    def form_valid(self, form: Form) -> HttpResponse:
        """Open it, and show its recovery codes: without an address they alone bring one back in."""
        login = self._login_stage.login
        RecoveryCodes.activate(login.user)
        login.redirect_url = reverse("mfa_view_recovery_codes")
        answer: HttpResponse = super().form_valid(form)
        made = Authenticator.objects.get(user=login.user, type=Authenticator.Type.WEBAUTHN)
        post_authentication(self.request, made, passwordless=True, reauthenticated=True)
        return answer


class SecondStep(AuthenticateView):  # type: ignore[misc]
    """Ask for a passkey, for a code, or for either: what the account has."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Say what the account has."""
        shown: dict[str, Any] = super().get_context_data(**named)
        account = self.stage.login.user
        has = {"passkey": bool(passkeys.of(account)), "app": second_step.of(account) is not None}
        return shown | has | {"options": shown["js_data"]["request_options"]}


class OnceMore(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Ask for a passkey before an act that asks who is there."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """Set the key its challenge."""
        shown: dict[str, Any] = super().get_context_data(**named)
        return shown | {"options": shown["js_data"]["request_options"]}

    def form_invalid(self, form: Form) -> HttpResponse:
        """Say what is wrong, where it was tried."""
        shown: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return shown


@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Add a passkey, soon after signing in."""
    return soon_after_signing_in(request, Add.as_view())


@login_required
@require_POST
def rename(request: HttpRequest, number: int) -> HttpResponse:
    """Call a passkey something else."""
    form = Name(request.POST)
    if not form.is_valid():
        messages.error(request, "A name has at most 60 letters, and at least one.")
    else:
        named = passkeys.rename(account_of(request), number, form.cleaned_data["name"])
        messages.success(request, RENAMED if named else GONE)
    return redirect("sign-in-ways")


@login_required
@require_POST
def take_away(request: HttpRequest, number: int) -> HttpResponse:
    """Take a passkey away."""
    if page := once_more(request):
        return page
    try:
        gone = guards.take_passkey_away(account_of(request), number, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, TAKEN_AWAY if gone else GONE)
    return redirect("sign-in-ways")
