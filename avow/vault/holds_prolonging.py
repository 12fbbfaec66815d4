"""
Prolong a hold: one officer proposes a later end, another confirms the very end that was proposed.

Holds:    never more than ninety days ahead of the moment at which it is proposed; only while the hold stands, and only
          to a later day. An end that was changed after the second officer read it is not confirmed.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault import holds, holds_moving
from avow.vault.models import Hold


@transaction.atomic
def propose_longer(hold: UUID, *, until: datetime | None, by: UUID, now: datetime) -> None:
    """Propose a later end for a hold that stands; a second proposal takes the place of the first."""
    row, ends = holds.find(hold, lock=True, by=by), holds.in_bounds(until, now)
    if not holds.stands(row, now=now) or ends <= row.until:
        raise Refused("Only a hold that stands can be prolonged, and only to a later day.")
    Hold.objects.filter(pk=hold).update(longer_until=ends, longer_by=by, prolonged_by=None)


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def confirm_longer(hold: UUID, *, by: UUID, now: datetime, seen: datetime | None = None) -> None:
    """Prolong a hold, as another officer than the one who proposed it; `seen` is the end that they read."""
    row = holds.find(hold, lock=True, by=by)
    if row.longer_until is None or row.longer_by is None or not holds.stands(row, now=now):
        raise Refused("Nobody proposed a later end for this hold, or it has ended; reload its page.")
    if seen is not None and seen != row.longer_until:
        raise Refused("The later end was changed since you read it; reload the page and look again.")
    holds_moving.must_be_another(row.longer_by, by)
    Hold.objects.filter(pk=hold).update(until=row.longer_until, until_set_at=now, longer_until=None, prolonged_by=by)
    holds_moving.log(row, Act.HOLD_PLACED, now)
