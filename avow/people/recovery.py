"""
A way back in by a recovery code, for who has no address that a code could be mailed to.

Why only for them: with an address, a new password by mail is the way, and a second step still follows; a code alone
would then open what two steps guard. Without one, whoever loses their passkey or third party has nothing else.

    number of the account + one code      -> stands in for the first step, and for a passkey's second
    then the app's code, where there is an app

Holds:    each code counts once. Guesses are limited for each account's number and each address, whether or not there
          is such an account, and every refusal is the same sentence.
Does not: say to a stranger whether an account has an address.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context, ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from avow.people import handles, security_events
from avow.people.models import Account
from avow.people.security_events import Event

ACTION = "recover"  # of ACCOUNT_RATE_LIMITS
NONE = (
    "This number and this code open no account. A code opens once; an account with an e-mail address is opened by a "
    "new password instead."
)
OFTEN = "Several codes were tried a moment ago; wait five minutes, then try again."


class Recover(forms.Form):
    """The account's number, and one of its codes."""

    number = forms.CharField(
        label="Account number", max_length=40, help_text="It stands above your recovery codes: 16 letters and digits."
    )
    code = forms.CharField(
        label="Recovery code", max_length=40, widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"})
    )
    authenticator: Authenticator

    def clean(self) -> dict[str, Any]:
        """Find the account, and use the code up."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.authenticator = _opened(handles.read(cleaned["number"]), cleaned["code"])
        return cleaned

    def save(self) -> Account:
        """Note in the session by what the account is about to be entered; return the account."""
        post_authentication(context.request, self.authenticator)
        account: Account = self.authenticator.user
        return account


class SecondStepCode(AuthenticateForm):  # type: ignore[misc]
    """allauth's form, which takes the app's code alone where a recovery code was the first step."""

    def clean_code(self) -> str:
        """Take one code of the sheet, not two."""
        try:
            self._refuse_a_second_of_the_sheet()
            code: str = super().clean_code()
        except ValidationError:
            security_events.note(Event.SECOND_STEP_WRONG)
            raise
        return code

    def _refuse_a_second_of_the_sheet(self) -> None:
        if is_under_way(context.request, self.user):
            typed = str(self.cleaned_data["code"]).strip()
            codes = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.RECOVERY_CODES).first()
            if codes is not None and typed in codes.wrap().get_unused_codes():
                raise get_adapter().validation_error("incorrect_code")


class MakeCodes(GenerateRecoveryCodesForm):  # type: ignore[misc]
    """allauth's form, also for an account that has nothing but a third party and no address."""

    def clean(self) -> dict[str, Any]:
        """Make codes where they are of use."""
        if not has_address(self.user):
            return {}
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def has_address(account: Account) -> bool:
    """Say whether a code can be mailed to the account's person."""
    return bool(EmailAddress.objects.filter(user=account, verified=True).exists())


def is_under_way(request: HttpRequest, account: Account) -> bool:
    """Say whether this sign-in began with a recovery code."""
    records = get_authentication_records(request, account)
    return bool(records) and records[0].get("type") == Authenticator.Type.RECOVERY_CODES


def _opened(number: str, code: str) -> Authenticator:
    if not ratelimit.consume(context.request, action=ACTION, key=number):
        raise ValidationError(OFTEN, code="too_often")
    found = Authenticator.objects.filter(
        type=Authenticator.Type.RECOVERY_CODES, user__handle=number, user__is_active=True, user__canary=False
    )
    codes = found.select_related("user").first()
    if codes is None or has_address(codes.user) or not codes.wrap().validate_code(code):
        security_events.note(Event.RECOVERY_CODE_WRONG)
        raise ValidationError(NONE, code="none")
    return codes
