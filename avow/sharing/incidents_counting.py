"""
How many people an incident touched, and how far the notice to them has come: counts, and nobody's name.

Holds:    who was erased stays in the counts, told or untold, without a row. A person stands once in the reach, at the
          furthest point that they reached: shown, then mailed, then in the account alone.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum

from avow.communications import reaching
from avow.sharing.incidents_models import Affected, Incident, IncidentLetter, IncidentScope
from avow.vault import persons

LOST = ("failed", "expired", "in-doubt")
KINDS = {"account": "with an account", "browser": "with a browser alone"}


@dataclass(frozen=True)
class Counts:
    """Whom it touched, in numbers."""

    here: int
    gone_told: int
    gone_untold: int
    beyond: int
    looks: int
    done: bool
    kinds: tuple[tuple[str, int], ...]

    @property
    def all(self) -> int:
        """How many were found, those erased since included."""
        return self.here + self.gone_told + self.gone_untold


@dataclass(frozen=True)
class Reach:
    """How far the notice has come; whoever was told is in one of four."""

    untold: int
    shown: int  # their own page showed it, or they read the message in their account
    mailed: int  # given to the mail
    bounced: int  # mailed, and it came back
    account: int  # in the account alone: no address that works
    waiting: int  # mails that wait for the relay
    failed: int  # mails that no relay took
    gone_told: int
    gone_untold: int

    @property
    def told(self) -> int:
        """How many were told and are here."""
        return self.shown + self.mailed + self.bounced + self.account


def counts(row: Incident) -> Counts:
    """Count whom it touched."""
    rows = Affected.objects.filter(incident=row)
    looks = IncidentScope.objects.filter(incident=row)
    sums = looks.aggregate(beyond=Sum("beyond"), running=Count("pk", filter=Q(done_at=None)))
    by_kind = persons.by_kind(rows.values("person"))
    kinds = tuple((KINDS[kind], number) for kind, number in sorted(by_kind.items()) if kind in KINDS)
    return Counts(
        rows.count(), row.gone_told, row.gone_untold, sums["beyond"] or 0, looks.count(), not sums["running"], kinds
    )


def reach(row: Incident) -> Reach:
    """Count how far the notice has come."""
    letters = list(IncidentLetter.objects.filter(incident=row).values_list("pk", flat=True))
    mails = reaching.by_state(letters)
    told, unseen = Q(told_at__isnull=False), Q(told_at__isnull=False, shown_at=None)
    found = Affected.objects.filter(incident=row).aggregate(
        untold=Count("pk", filter=~told),
        shown=Count("pk", filter=told & Q(shown_at__isnull=False)),
        mailed=Count("pk", filter=unseen & Q(mailed_at__isnull=False, bounced_at=None)),
        bounced=Count("pk", filter=unseen & Q(mailed_at__isnull=False, bounced_at__isnull=False)),
        account=Count("pk", filter=unseen & Q(mailed_at=None)),
    )
    return Reach(
        **found, waiting=mails.get("waiting", 0), failed=sum(mails.get(state, 0) for state in LOST),
        gone_told=row.gone_told, gone_untold=row.gone_untold,
    )  # fmt: skip


def numbers(row: Incident, *, after: UUID | None, at_most: int) -> list[UUID]:
    """Return some of their numbers, in order: what the desk gives to whoever opens a case for one of them."""
    rows = Affected.objects.filter(incident=row).order_by("person")
    if after is not None:
        rows = rows.filter(person__gt=after)
    return list(rows.values_list("person", flat=True)[:at_most])
