"""
The first officer, and whoever else works at the desk: a link that gives one signed-in account a role there, once.

Why a link and not an address typed into a shell: who has no address can be an officer too, nobody mistypes one, and the
shell's history names nobody.

Holds:    a link opens once, within an hour, for whoever is signed in, has no role yet and presses the button; the log
          has it. When a role is taken from anybody, every link ends. A hash alone rests. Opening the page changes
          nothing.
Assumes:  who has a shell on the machine may name officers, and an officer anybody; it is handed over by a way that
          both trust.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.errors import NotFound, Refused
from avow.people import desk
from avow.people.desk_roles import Role
from avow.people.models import Account, DeskInvitation

LASTS = timedelta(hours=1)
HAS_ONE = "This account has a role at the desk; another officer takes it away first, or a shell changes it."
GONE = "This link was used, is over, or is not whole; ask whoever gave it to you for another one."


def invite(role: Role = Role.OFFICER, *, now: datetime) -> str:
    """Return a fresh link; it is shown once."""
    token = secrets.token_urlsafe(32)
    DeskInvitation.objects.create(token=_hash(token), role=role, ends_at=now + LASTS)
    return settings.BASE_URL + reverse("desk-join", args=[token])


def offered(token: str, *, now: datetime) -> Role | None:
    """Return the role that a link gives; None when it opens nothing (any more)."""
    row = DeskInvitation.objects.filter(token=_hash(token), ends_at__gt=now).first()
    return Role(row.role) if row else None


@transaction.atomic
def accept(token: str, account: Account, *, now: datetime) -> None:
    """Give this account the link's role; NotFound when the link opens nothing (any more)."""
    if desk.role_of(account):
        raise Refused(HAS_ONE)
    role = offered(token, now=now)
    if role is None or not DeskInvitation.objects.filter(token=_hash(token)).delete()[0]:
        raise NotFound(GONE)
    desk.give(account.person, role, now=now)


def clear_expired(now: datetime) -> int:
    """Remove links that nobody used in time; return how many."""
    return DeskInvitation.objects.filter(ends_at__lte=now).delete()[0]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
