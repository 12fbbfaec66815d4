"""
Name a partner: who may receive releases, under which contract and until when.

Holds:    each kind of release is granted under its own sentence of the policy; no field of anybody is ever granted.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.policy.purposes import Purpose
from avow.sharing.making import PROMISE
from avow.vault import recipients
from avow.vault.recipients import RecipientKind


@transaction.atomic
def name(called: str, *, contract: str, until: datetime, now: datetime) -> UUID:
    """Put a partner into the register and grant it releases of both kinds; return its number."""
    number = recipients.add(RecipientKind.PARTNER, called, {}, now=now)
    for kind, promise in PROMISE.items():
        recipients.grant(
            number, [kind.value], Purpose.ANONYMISED_RELEASE, promise, contract=contract, until=until, now=now
        )
    return number
