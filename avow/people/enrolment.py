"""
Open an account: first the person's key, then the row by which the person signs in.

Why in this order: two databases do not commit together. A crash after the key leaves a
person without account, who holds nothing and whose slot the vault's daily sweep gives back; the other order
would leave an account whose data had no key to be sealed under.

Holds:    there is no account without an enrolled person (the column has no default).
Does not: write name, phone or address; the form does, in the same transaction as the account.
"""

from datetime import datetime

from django.db import transaction

from avow.people.models import Account
from avow.vault import enrolment
from avow.vault.enrolment import PersonKind


@transaction.atomic
def open_account(account: Account, password: str | None, *, now: datetime) -> Account:
    """Enrol a person and write their account; without a password it can only be entered by a reset."""
    account.set_password(password)
    account.opened_at = now
    account.person = enrolment.enrol(kind=PersonKind.ACCOUNT, now=now)
    account.save(force_insert=True)
    return account
