"""
Ask for the one field that a function of the company's application needs, when it needs it and not before.

Why only what was registered: the reason that people read, and where they go on to, come from the registration; an
address in a link could say anything and lead anywhere.

Holds:    giving is a choice: "not now" leads back just the same, and nothing is recorded of it. What is given is the
          declared field of the catalogue, seen, corrected, exported and erased as if it had been given at sign-up.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import BadInput
from avow.people import given, relying
from avow.people.catalogue import declared
from avow.people.signals import field_corrected
from avow.policy.purposes import Purpose
from avow.vault.actor import THE_PERSON
from avow.vault.catalogue import PersonalField
from avow.vault.opening import open_field


@dataclass(frozen=True)
class Asked:
    """What a function asks for."""

    application: str
    field: PersonalField
    reason: str
    back: str
    present: str | None


def asked(person: UUID, client_id: str, feature: str, *, now: datetime) -> Asked:
    """Return what this function asks this person for; NotFound when nobody registered it."""
    application, wanted = relying.feature(client_id, feature)
    field = declared(wanted.field)
    present = open_field(person, field.name, Purpose.RIGHTS, by=THE_PERSON, now=now)
    return Asked(application.name, field, wanted.reason, wanted.back, present)


@transaction.atomic
def give(person: UUID, client_id: str, feature: str, typed: str, *, now: datetime) -> str:
    """Keep what was typed and return where the person goes on; BadInput says what is wrong with it."""
    what = asked(person, client_id, feature, now=now)
    value = given.in_form(what.field.name, typed)
    if not value:
        raise BadInput("Type it in, or choose “Not now” to go back without.")
    if value != what.present:
        given.keep(person, what.field.name, value, source=f"asked for by {what.application}", now=now)
        given.record(person, now=now)
        field_corrected.send(sender=give, person=person, field=what.field.name, now=now)
    return what.back
