"""
Signing in with a phone number and a password: the number names the account, the password opens it.

Holds:    a number that nobody signs in with costs a hash too; `evenness` hides the rest. Tries are counted for each
          number as for each address (`adapter`).
"""

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from avow.people import numbers
from avow.people.models import Account


class ByNumber(AuthenticationBackend):  # type: ignore[misc]
    """Django's backend for it, beside allauth's for addresses."""

    def authenticate(self, request: HttpRequest | None, *, number: str, password: str) -> Account | None:  # noqa: ARG002
        """Return the account that this number names and this password opens."""
        person = numbers.person_of(number)
        account = Account.objects.filter(person=person).first() if person else None
        if account is None:
            Account().set_password(password)  # as much work as for one that there is
            return None
        return account if account.check_password(password) and self.user_can_authenticate(account) else None
