"""
Close an account: sign everybody out, and remove the rows by which one could sign in.

Why rows go although they are sealed: a row that says "this person had an account" is itself
about the person; and an address that nobody holds must be free to sign up again.

Holds:    safe to repeat; the second time there is nothing left and nothing happens.
          Sessions end first, so no request begins under an account that is half gone.
Does not: touch the vault's fields or the person's key; requests calls the vault for that.
"""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from avow.people import known_browsers, new_address, numbers, phone_codes, signals
from avow.people.models import Account, Session


@transaction.atomic
def close(person: UUID, *, request: UUID, now: datetime) -> int:
    """End the person's sessions and remove the account; return how many rows went. `request` names the erasure."""
    rows: int = end_sessions(person) + known_browsers.forget(person)
    rows += numbers.forget(person) + phone_codes.forget(person) + new_address.CODES.forget(person)
    rows += EmailAddress.objects.filter(user__person=person).delete()[0]
    rows += SocialAccount.objects.filter(user__person=person).delete()[0]
    rows += Account.objects.filter(person=person).delete()[0]
    if rows:
        signals.account_closed.send(Account, person=person, request=request, now=now)
    return rows


def end_sessions(person: UUID) -> int:
    """Remove every session of the person, also one of an unfinished sign-up."""
    return Session.objects.filter(person=person).delete()[0]


def suspend(person: UUID) -> None:
    """Let nobody sign in while an erasure is under way."""
    Account.objects.filter(person=person).update(is_active=False)
