"""
A person agrees that a newer text goes for what they gave before it, too, and takes that back.

Why apart from accepting: going on with a service is no answer to a question that nobody asked. What a text allows
beyond the ones before it reaches older data only by a yes of its own (GDPR Art. 6(4) and 7; FTC, 13 February 2024).

Holds:    only a text that the person accepted can be agreed to; taking back is as short as agreeing, counts at once and
          for all older data, and changes nothing of what they give from then on. Each is in the log. Nobody agrees
          whose erasure is under way.
Does not: ask about a change that allows no more; for a narrowing there is nothing to ask.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from avow.errors import Refused
from avow.evidence import versions
from avow.evidence.acts import Act
from avow.evidence.versions import Version
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import accepting, governing, persons
from avow.vault.attesting import attest
from avow.vault.models import Person


@dataclass(frozen=True)
class Question:
    """What may be asked of a person about what they gave under older texts."""

    version: Version  # the one that they accepted
    adds: frozenset[Purpose]  # what it allows, and an older one does not; empty: there is nothing to ask
    agreed: Version | None  # the one whose terms go for older data at their word


def question(person: UUID, *, now: datetime) -> Question | None:
    """Return what there is to ask or to take back; None where there is neither, or acceptance reaches older data."""
    stands = persons.standing(person)
    if not settings.OLD_DATA_ASKS or not accepting.number_of(stands.governed_by):
        return None
    current, accepted = governing.in_force(now), stands.governed_by
    wide = governing.purposes_since(accepted, accepted, current)
    old = governing.purposes_since(accepted, stands.signed_up_under, current, agreed=stands.agreed_to)
    agreed = versions.read(stands.agreed_to) if stands.agreed_to else None
    if not (wide - old) and agreed is None:
        return None
    return Question(versions.read(accepted), (wide - old) & current.bound.purposes, agreed)


@keeps(Promise.USE_UNDER_VERSION)
@transaction.atomic
def agree(person: UUID, policy: str, *, now: datetime) -> bool:
    """Let the terms of a text go for older data too; return whether anything changed. Refused for one not accepted."""
    row, number = persons.lock(person), accepting.number_of(policy)
    if not number or number > accepting.number_of(row.governed_by or row.signed_up_under):
        raise Refused("You can agree to a text that governs what you give today; go on with the service first.")
    if row.erasing_since is not None or number <= accepting.number_of(row.agreed_to):
        return False
    Person.objects.filter(person=person).update(agreed_to=policy)
    attest(person, Act.VERSION_AGREED, promise=Promise.USE_UNDER_VERSION, now=now)
    return True


@transaction.atomic
def take_back(person: UUID, *, now: datetime) -> bool:
    """Keep what was given under older texts to those again; return whether anything changed."""
    if not persons.lock(person).agreed_to:
        return False
    Person.objects.filter(person=person).update(agreed_to="")
    attest(person, Act.AGREEMENT_WITHDRAWN, promise=Promise.USE_UNDER_VERSION, now=now)
    return True
