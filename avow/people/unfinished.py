"""
Forget sign-ups that nobody finished.

Why: somebody may have typed another person's address. Without the code there is no
account, and no reason to keep what was typed.

Holds:    a day after a sign-up whose address was never confirmed, its data is erased as any person's
          is: every store forgets, the key is destroyed, the account goes last, so that a crash
          anywhere leaves something for the next run to find. It is suspended first, under a
          lock, so that nobody confirms it meanwhile.
Does not: write a certificate; nobody asked, and there is nobody to give it to.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef

from avow.people import deletion
from avow.people.models import Account
from avow.vault import erasure
from avow.vault.actor import SERVICE
from avow.vault.stores import stores

LASTS = timedelta(days=1)
BATCH = 500
REQUESTS = UUID("8b0ab98a-5f0c-4b54-9a55-64f3f2a9d6f1")  # one request a person, the same after every crash


def clear(now: datetime) -> int:
    """Erase what nobody finished within a day; return how many."""
    persons = _suspend(now)
    for person in persons:
        _erase(person, now)
    return len(persons)


@transaction.atomic
def _suspend(now: datetime) -> list[UUID]:
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    never = Account.objects.filter(opened_at__lt=now - LASTS, last_login=None, desk_since=None, canary=False)
    found = list(never.exclude(Exists(confirmed)).select_for_update(of=("self",), skip_locked=True)[:BATCH])
    Account.objects.filter(pk__in=[account.pk for account in found]).update(is_active=False)
    return [account.person for account in found]


def _erase(person: UUID, now: datetime) -> None:
    request = uuid5(REQUESTS, str(person))
    erasure.begin(person, now=now)
    for store in reversed(stores()):
        if store.name != "account":
            store.forget(person, request=request, now=now)
    erasure.erase(person, request=request, asked_by=SERVICE, now=now)
    deletion.close(person, request=request, now=now)
