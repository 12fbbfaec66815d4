"""
Let one's data rest: whatever can be objected to stops for now, at one switch.

Why beside each single objection: who does not know yet which use troubles them can stop all, and take it back in one
step (GDPR Art. 18 asks as much while something is disputed).

Holds:    a switch that stands as it was asked changes nothing and logs nothing. What the company put to rest while it
          looks into something is not lifted here (`vault.choices`).
Does not: touch what the account itself needs, its safety, the law, or what the person asks for.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.vault import choices, persons
from avow.vault.attesting import attest


@transaction.atomic
def rest(person: UUID, *, on: bool, now: datetime) -> None:
    """Let the person's data rest, or be used again as the policy and their other choices say."""
    persons.lock(person)
    if choices.rests(person).wished is on:
        return
    (choices.freeze if on else choices.lift_freeze)(person, now=now)
    attest(person, Act.RESTS if on else Act.RESTS_NO_MORE, promise=Promise.PERSONALISATION_CHOICE, now=now)
