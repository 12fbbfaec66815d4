"""
The one form that asks a stranger for data: built from what the catalogue declares.

Why from the catalogue: a field that nobody declared cannot be asked for, because there
is no other way for it to get into the form; and what it says about a field (needed or
not, and why) is what the catalogue says everywhere else.

Holds:    every field of the form is a declared one; a required field carries its reason, an
          optional one says that it may stay empty, and then leaves no value at all.
          Who signs up by a passkey is asked for no password, and need give no address.
          Account, address, name and phone are written in one transaction.
          Whether the address is registered already does not show in the page (nor in its time: `evenness`).
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from avow.errors import BadInput
from avow.people import given, opened, password_rules
from avow.people.catalogue import SIGN_UP, declared
from avow.people.models import Account
from avow.policy.promises import Promise, keeps
from avow.vault.catalogue import PersonalField

INPUTS = {"email": "email", "password": "password1", "name": "name", "phone": "phone"}  # declared field -> form field
NO_ADDRESS = (
    "Optional here. Without one, news about your account reach you in the account alone, you can set no password, and "
    "only recovery codes bring you back in."
)
AUTOCOMPLETE = {"name": "name", "phone": "tel"}


@keeps(Promise.GIVEN_DATA)
def inputs_for(declared_fields: Iterable[PersonalField]) -> dict[str, forms.Field]:
    """Return an input for each declared field that allauth does not bring itself."""
    return {
        INPUTS[field.name]: forms.CharField(widget=forms.TextInput({"autocomplete": AUTOCOMPLETE[field.name]}))
        for field in declared_fields
        if field.name in AUTOCOMPLETE
    }


@keeps(Promise.CHOICE_TO_WITHHOLD)
def mark(form_field: forms.Field, field: PersonalField) -> None:
    """Say at the field whether it is needed, and why."""
    form_field.label = field.label
    form_field.required = form_field.widget.is_required = field.required
    form_field.help_text = field.reason
    form_field.widget.attrs.pop("placeholder", None)


def may_be_empty(address: forms.Field) -> None:
    """Ask for an address that is not needed to sign in, and say what is lost without it."""
    address.required = address.widget.is_required = False
    address.help_text = NO_ADDRESS


def in_form(field: str, typed: str) -> str:
    """Return what was typed in the one form of its field, or refuse it as forms do."""
    try:
        return given.in_form(field, typed)
    except BadInput as wrong:
        raise ValidationError(str(wrong), code="not_in_form") from wrong


class TakesNameAndPhone:
    """What every form does that asks for them."""

    cleaned_data: dict[str, Any]

    def clean_name(self) -> str:
        """Bring the name into its form."""
        return in_form("name", self.cleaned_data.get("name") or "")

    def clean_phone(self) -> str:
        """Bring the phone number into its form."""
        return in_form("phone", self.cleaned_data.get("phone") or "")


class SignUp(TakesNameAndPhone, SignupForm):  # type: ignore[misc]
    """allauth's sign-up form with exactly the declared fields."""

    fields: dict[str, forms.Field]

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        asked = [declared(name) for name in SIGN_UP if name != "password" or not self.by_passkey]
        self.fields.update(inputs_for(asked))
        for field in asked:
            mark(self.fields[INPUTS[field.name]], field)
        self.fields = {INPUTS[field.name]: self.fields[INPUTS[field.name]] for field in asked}
        if self.by_passkey:
            may_be_empty(self.fields["email"])

    def clean(self) -> dict[str, Any]:
        """Judge the password also by the person's own words."""
        cleaned: dict[str, Any] = super().clean()
        own = [cleaned[name] for name in ("email", "name", "phone") if cleaned.get(name)]
        try:
            password_rules.refuse(cleaned.get("password1") or "", own)
        except ValidationError as guessable:
            self._say_once("password1", guessable)
        return cleaned

    @transaction.atomic
    def save(self, request: HttpRequest) -> Account:
        """Open the account and keep what was given."""
        account: Account = super().save(request)
        opened.keep_all(account, self.cleaned_data, promise=Promise.GIVEN_DATA, now=timezone.now())
        return account

    def _say_once(self, field: str, error: ValidationError) -> None:
        if field in self.fields and not self.has_error(field):
            self.add_error(field, error)
