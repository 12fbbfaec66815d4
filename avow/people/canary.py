"""
A person who is nobody: what live checks try the mechanisms of accounts on.

Why a real account: a check that goes round the mechanism cannot fail when it breaks.

Holds:    its number is fixed, it has no address and can receive nothing, it is marked as a
          canary and counted nowhere, no password opens it, and it can never use the desk.
          It is made at the first run, and again after anything removed it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.people import given
from avow.people.models import Account
from avow.vault import enrolment
from avow.vault.enrolment import PersonKind

PERSON = UUID("caca0000-0000-4000-8000-000000000001")
NAMES = ("Canary One", "Canary Two")


@transaction.atomic
def account(now: datetime) -> Account:
    """Return the canary's account, made when there is none."""
    found = Account.objects.filter(person=PERSON).first()
    if found is not None:
        return found
    enrolment.stand_in(PERSON, now=now)
    made = _closed_account(PERSON, now)
    given.keep(PERSON, "name", NAMES[0], source="live check", now=now)
    return made


@transaction.atomic
def fresh(now: datetime) -> UUID:
    """Make another canary, for a check that erases it; the caller sees to its end."""
    person = enrolment.enrol(kind=PersonKind.SUBJECT, now=now)
    _closed_account(person, now)
    return person


def _closed_account(person: UUID, now: datetime) -> Account:
    made = Account(person=person, canary=True, opened_at=now)
    made.set_unusable_password()
    made.save(force_insert=True)
    return made
