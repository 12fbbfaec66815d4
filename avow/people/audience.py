"""
Everyone who has an account, in batches: for what the company writes to all.

Why not in `queries`: nothing there answers with more than one person; this is the one place that does, by number only.

Holds:    canaries and accounts that are being closed are left out. The order is that of the random numbers, so
          whoever stops midway goes on where they stopped.
Does not: say anything about anybody.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from avow.people.models import Account


def batch(*, opened_by: datetime, after: UUID | None, most: int) -> list[UUID]:
    """Return the next persons whose accounts stood at a moment."""
    rows = _everyone(opened_by)
    if after is not None:
        rows = rows.filter(person__gt=after)
    return list(rows.order_by("person").values_list("person", flat=True)[:most])


def size(now: datetime, *, without: Collection[UUID] = ()) -> int:
    """Count everyone who has an account, without some."""
    return _everyone(now).exclude(person__in=without).count()


def reachable_by_mail(now: datetime, *, without: Collection[UUID] = ()) -> int:
    """Count who confirmed an address, without some."""
    accounts = _everyone(now).exclude(person__in=without).values("pk")
    confirmed = EmailAddress.objects.filter(user__in=accounts, verified=True, primary=True)
    return len(set(confirmed.values_list("user", flat=True)))


def _everyone(opened_by: datetime) -> "QuerySet[Account]":
    return Account.objects.filter(canary=False, is_active=True, opened_at__lte=opened_by)
