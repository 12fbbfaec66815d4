"""
Who may use the privacy desk.

Holds:    only an account that somebody with a shell on the machine named may enter, and
          only while it is active, and with a second step. Closing the account ends it.
          In the demo, which no other machine reaches, the password alone is enough: a first look takes no phone. Where
          mail really leaves, it is no demo.
Does not: know roles yet.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from avow.errors import NotFound
from avow.people import queries, second_step
from avow.people.models import Account


def grant(email: str, now: datetime) -> None:
    """Let the account of this address use the desk; a second time changes nothing."""
    person = queries.person_at(email, verified=True)
    if person is None:
        raise NotFound("There is no account with this address; sign up first, then ask again.")
    Account.objects.filter(person=person, desk_since=None).update(desk_since=now)


def revoke(email: str) -> None:
    """Take the desk away again."""
    if person := queries.person_at(email):
        Account.objects.filter(person=person).update(desk_since=None)


def is_officer(person: UUID) -> bool:
    """Say whether this person has an account that may use the desk."""
    return Account.objects.filter(person=person, is_active=True, desk_since__isnull=False).exists()


def require(account: object) -> bool:
    """Say whether this account may use the desk; for `user_passes_test`."""
    return isinstance(account, Account) and account.is_active and account.desk_since is not None


def has_second_step(account: Account) -> bool:
    """Say whether this account is guarded as the desk asks: what officers open must not hang on a password alone."""
    return (settings.DEMO and not settings.MAIL_RELAY) or second_step.is_asked(account)
