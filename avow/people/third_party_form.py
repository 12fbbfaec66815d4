"""
The form of somebody who signs up by a third party: the same declared fields, without a password.

Why the address is optional here: who comes by a third party need not have one to sign in. The form says what is lost.

Holds:    every field is a declared one, with its reason. Account, connection, address, name and phone are written in
          one transaction. Whether the address is registered already does not show in the page.
"""

from typing import Any

from allauth.socialaccount.forms import SignupForm
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from avow.people import opened
from avow.people.catalogue import SIGN_UP, declared
from avow.people.forms import INPUTS, TakesNameAndPhone, inputs_for, mark, may_be_empty
from avow.people.models import Account
from avow.policy.promises import Promise


class SignUpByThirdParty(TakesNameAndPhone, SignupForm):  # type: ignore[misc]
    """allauth's form for third parties with exactly the declared fields."""

    fields: dict[str, forms.Field]

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        asked = [declared(name) for name in SIGN_UP if name != "password"]
        self.fields.update(inputs_for(asked))
        for field in asked:
            mark(self.fields[INPUTS[field.name]], field)
        self.fields = {INPUTS[field.name]: self.fields[INPUTS[field.name]] for field in asked}
        may_be_empty(self.fields["email"])

    @transaction.atomic
    def save(self, request: HttpRequest) -> Account:
        """Open the account and keep what was given."""
        account: Account = super().save(request)
        opened.keep_all(account, self.cleaned_data, promise=Promise.THIRD_PARTY_SIGN_IN, now=timezone.now())
        return account
