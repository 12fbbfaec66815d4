"""
How far the messages of one sending came, for rooms above: counted by what became of each, and nobody named.

Does not: open anything, or say whose message is whose.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count

from avow.communications.models import Ledger

ON_ITS_WAY = ("waiting", "kept", "sent")


def by_state(sendings: Collection[UUID]) -> dict[str, int]:
    """Count the messages of these sendings by where each stands."""
    rows = Ledger.objects.filter(campaign__in=sendings).values("state").annotate(number=Count("message"))
    return dict(rows.values_list("state", "number"))


def on_their_way(messages: Collection[UUID]) -> set[UUID]:
    """Return which of these go by mail, or went."""
    rows = Ledger.objects.filter(message__in=messages, state__in=ON_ITS_WAY)
    return set(rows.values_list("message", flat=True))
