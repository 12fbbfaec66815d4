"""
The first officer, and any other: a link from the shell that makes one signed-in account an officer, once.

Why a link and not an address typed into a shell: who has no address can be an officer too, nobody mistypes one, and the
shell's history names nobody.

Holds:    a link opens once, within an hour, for whoever is signed in and presses the button; the log has it. A hash
          alone rests. Opening the page changes nothing.
Assumes:  who has a shell on the machine may name officers; it is handed over by a way that both trust.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.people.models import Account, DeskInvitation
from avow.policy.promises import Promise
from avow.vault.attesting import attest

LASTS = timedelta(hours=1)
GONE = "This link was used, is over, or is not whole; ask whoever gave it to you for another one."


def invite(*, now: datetime) -> str:
    """Return a fresh link; it is shown once."""
    token = secrets.token_urlsafe(32)
    DeskInvitation.objects.create(token=_hash(token), ends_at=now + LASTS)
    return settings.BASE_URL + reverse("desk-join", args=[token])


def stands(token: str, *, now: datetime) -> bool:
    """Say whether a link still opens."""
    return DeskInvitation.objects.filter(token=_hash(token), ends_at__gt=now).exists()


@transaction.atomic
def accept(token: str, account: Account, *, now: datetime) -> None:
    """Make this account an officer's; NotFound when the link opens nothing (any more)."""
    if not DeskInvitation.objects.filter(token=_hash(token), ends_at__gt=now).delete()[0]:
        raise NotFound(GONE)
    Account.objects.filter(pk=account.pk, desk_since=None).update(desk_since=now)
    attest(account.person, Act.DESK_GRANTED, promise=Promise.SECURITY_MEASURES, now=now)


def clear_expired(now: datetime) -> int:
    """Remove links that nobody used in time; return how many."""
    return DeskInvitation.objects.filter(ends_at__lte=now).delete()[0]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
