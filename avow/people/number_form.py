"""
The form of a sign-up by phone number, and the sign-in form that takes a number as well as an address.

Holds:    every field is a declared one with the catalogue's reason, but that here the number is needed and says why.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, PasswordField
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from avow.people import password_rules
from avow.people.catalogue import declared
from avow.people.forms import INPUTS, TakesNameAndPhone, in_form, inputs_for, mark

NEEDED = (
    "Needed here: with it and your password you sign in. A code shows once that it is yours. Write it with its "
    "country, such as +44 20 7946 0958."
)
ASKED = ("phone", "password", "name")


class SignUpByNumber(TakesNameAndPhone, forms.Form):
    """Number, password, and a name for whoever wants one."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        asked = [declared(name) for name in ASKED]
        found = inputs_for(asked) | {INPUTS["password"]: PasswordField(autocomplete="new-password")}
        for field in asked:
            mark(found[INPUTS[field.name]], field)
        number = found[INPUTS["phone"]]
        number.required = number.widget.is_required = True
        number.help_text = NEEDED
        self.fields = {INPUTS[field.name]: found[INPUTS[field.name]] for field in asked}

    def clean(self) -> dict[str, Any]:
        """Judge the password, also by the person's own words."""
        cleaned = super().clean() or {}
        if password := cleaned.get("password1"):
            try:
                get_adapter().clean_password(password)
                password_rules.refuse(password, [cleaned[one] for one in ("phone", "name") if cleaned.get(one)])
            except ValidationError as refused:
                self.add_error("password1", refused)
        return cleaned


class SignIn(LoginForm):  # type: ignore[misc]
    """allauth's sign-in form; what has no @ in it and begins with a + is a phone number."""

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        widget = forms.TextInput({"autocomplete": "username", "inputmode": "email", "autocapitalize": "none"})
        self.fields["login"] = forms.CharField(max_length=320, widget=widget)
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """Take an address, or a number in its one form."""
        typed = str(self.cleaned_data["login"]).strip()
        if _is_number(typed):
            return in_form("phone", typed)
        validate_email(typed)
        return typed

    def user_credentials(self) -> dict[str, str]:
        """Return by what the account is looked for."""
        login = self.cleaned_data["login"]
        if _is_number(login):
            return {"number": login, "password": self.cleaned_data["password"]}
        found: dict[str, str] = super().user_credentials()
        return found


def _is_number(typed: str) -> bool:
    return "@" not in typed and typed.startswith("+")
