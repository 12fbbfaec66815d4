"""
Where allauth asks this room: making accounts, signing in and out, and every mail it wants to send.

Why an adapter and no fork: allauth's flows are well kept and stay unmodified; this file
is all that it knows of persons, keys and the one door for messages.

Holds:    an account's person is enrolled before the account is written (`enrolment`).
          allauth mails nothing by itself: each of its letters is one of ours, or is refused
          by name, so an upgrade that adds a letter fails in a test and not in silence.
Does not: tell anybody whether an address is registered; allauth's pages are the same for both.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from avow.errors import BadInput, NotFound, Refused
from avow.people import alerts, enrolment, given, guards, new_address, numbers, password_rules, ports, queries, signing
from avow.people.models import Account
from avow.people.ports import Code, Notice

LETTERS: Mapping[str, Code | Notice] = {
    "account/email/email_confirmation_signup": Code.SIGN_UP,
    "account/email/email_confirmation": Code.NEW_ADDRESS,
    "account/email/password_reset_code": Code.PASSWORD_RESET,
    "account/email/account_already_exists": Notice.ALREADY_REGISTERED,
    "account/email/unknown_account": Notice.NO_ACCOUNT,
    "account/email/password_changed": Notice.PASSWORD_CHANGED,
    "account/email/password_reset": Notice.PASSWORD_CHANGED,
    "account/email/password_set": Notice.PASSWORD_CHANGED,
    "account/email/email_changed": Notice.ADDRESS_CHANGED,
    "account/email/email_deleted": Notice.ADDRESS_CHANGED,
    "socialaccount/email/account_connected": Notice.SIGN_IN_CHANGED,
    "socialaccount/email/account_disconnected": Notice.SIGN_IN_CHANGED,
    "mfa/email/totp_activated": Notice.SECOND_STEP_ADDED,
    "mfa/email/totp_deactivated": Notice.SECOND_STEP_REMOVED,
    "mfa/email/webauthn_added": Notice.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": Notice.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": Notice.RECOVERY_CODES_MADE,
}

OURS = {
    "allauth.account.stages.EmailVerificationStage": "avow.people.stages.ConfirmAddress",
    "allauth.mfa.stages.AuthenticateStage": "avow.people.stages.AskSecondStep",
}
ONCE_MORE = {  # what shows who is there: in this order
    "reauthenticate": "Use your password",
    "mfa_reauthenticate:webauthn": "Use a passkey",
    "mfa_reauthenticate": "Use a code of your authenticator app, or a recovery code",
}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's adapter for accounts."""

    def save_user(self, request: HttpRequest, user: Account, form: BaseForm, commit: bool = True) -> Account:  # noqa: ARG002, FBT001, FBT002 - allauth's signature
        """Enrol the person, then write the account; `commit` is always so, since a key is made at once."""
        return enrolment.open_account(user, form.cleaned_data.get("password1"), now=timezone.now())

    def clean_email(self, email: str) -> str:
        """Bring an address into the form in which it is kept."""
        try:
            return given.address(email)
        except BadInput as wrong:
            raise ValidationError(str(wrong), code="invalid") from wrong

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Look for an address in the form in which it is kept, also where tries are counted."""
        if typed := credentials.get("email"):
            with suppress(BadInput):
                credentials["email"] = given.address(typed)
        found: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return found

    def reauthenticate(self, user: Account, password: str) -> bool:
        """Say whether this is the password, also of somebody who signs in with a phone number and has no address."""
        number = numbers.number_of(user.person, now=timezone.now())
        if number is None or EmailAddress.objects.filter(user=user).exists():
            return bool(super().reauthenticate(user, password))
        found = self.authenticate(context.request, number=number, password=password)
        return found is not None and found.pk == user.pk

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the tries at a phone number apart, as allauth does those at an address."""
        if number := credentials.get("number"):
            credentials["email"] = number
        super().pre_authenticate(request, **credentials)

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Judge a new password, also by what we know of its owner."""
        password = super().clean_password(password, user)
        if isinstance(user, Account) and user.pk:
            password_rules.refuse(password, queries.own_words(user.person, now=timezone.now()))
        return password

    def get_login_stages(self) -> list[str]:
        """Confirm an address where there is one, and ask for the second step (`stages`)."""
        return [OURS.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, Any]]:
        """Return by what somebody shows once more who they are: the easiest first."""
        found = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        return [found[id_] | {"description": said} for id_, said in ONCE_MORE.items() if id_ in found]

    @transaction.atomic
    def login(self, request: HttpRequest, user: Account) -> None:
        """Sign in, and let that be known."""
        super().login(request, user)
        now = timezone.now()
        signing.record_sign_in(user.person, by=guards.way_of(request), now=now)
        alerts.signed_in(user, self.get_client_ip(request), self.get_http_user_agent(request), now=now)

    def logout(self, request: HttpRequest) -> None:
        """Sign out: the one act is in `signing`."""
        signing.sign_out(request, now=timezone.now())

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take a confirmed address: as the account's first, or in the place of the one before (`new_address`)."""
        account: Account = email_address.user
        if not EmailAddress.objects.filter(user=account).exclude(email=email_address.email).exists():
            return bool(super().confirm_email(request, email_address))
        try:
            new_address.exchange(account.person, email_address.email, now=timezone.now())
        except NotFound:
            return False
        return True

    def set_password(self, user: Account, password: str) -> None:
        """Replace the password, and end every other session of this person."""
        signing.replace_password(user, password, keep=context.request.session.session_key, now=timezone.now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Lead back to the page that says how one signs in."""
        return reverse("sign-in-ways")

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Hand allauth's letter to the one door."""
        letter = LETTERS.get(template_prefix)
        if letter is None:
            raise Refused("This letter has no place among the messages that Avow sends; name it in people/adapter.py.")
        # a code to a new address goes as to a stranger: one's own log shall not tell whether it is registered
        person = None if letter is Code.NEW_ADDRESS else _person(context.get("user"), email)
        if isinstance(letter, Code):
            ports.messages().send_code(letter, context["code"], address=email, person=person, now=timezone.now())
        else:
            ports.messages().send_notice(letter, address=email, person=person, now=timezone.now())


def _person(user: object, address: str) -> UUID | None:
    """Return whose key seals the letter; nobody's, when there is no account or it is being erased."""
    return queries.reachable(user.person if isinstance(user, Account) and user.pk else queries.person_at(address))
