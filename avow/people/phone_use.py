"""
Whether somebody may be called or texted about the service: their yes to that use, apart from having the number here.

Why apart: a number that was given to be reached in need, or for a code, is no leave to write to it. The field asks for
the use (`PersonalField.asks`), so the gate refuses it to every caller without the person's yes.

Holds:    it begins as no; it ends with the number it was said of, and by itself two years later. A switch that stands
          as it was asked changes nothing.
Does not: keep back a code that the person themselves asks for, or a word about the account's safety.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from avow.errors import BadInput
from avow.evidence.acts import Act
from avow.people.catalogue import PHONE
from avow.people.signals import field_corrected
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices, persons
from avow.vault.actor import THE_PERSON
from avow.vault.attesting import attest
from avow.vault.opening import open_field

FIELD, USE = PHONE.name, Purpose.COMMUNICATION


def is_allowed(person: UUID, *, now: datetime) -> bool:
    """Say whether the number may be used to write or call about the service."""
    return (FIELD, USE) in choices.of(person, now=now).granted_for


@transaction.atomic
def allow(person: UUID, *, on: bool, now: datetime) -> None:
    """Keep the person's yes, or take it back; BadInput where there is no number to say it of."""
    persons.lock(person)
    if on is is_allowed(person, now=now):
        return
    if not on:
        _take_back(person, now)
        return
    if not open_field(person, FIELD, Purpose.RIGHTS, by=THE_PERSON, now=now):
        raise BadInput("There is no phone number here; add one first, then say what it may be used for.")
    choices.grant(person, USE, field=FIELD, now=now)
    attest(person, Act.PURPOSE_GRANTED, promise=Promise.CONTACT_LIMIT, now=now)


@receiver(field_corrected)
def end_with_the_number(person: UUID, field: str, now: datetime, **_: Any) -> None:
    """Take the yes back when the number it was said of changes."""
    if field == FIELD:
        _take_back(person, now)


def _take_back(person: UUID, now: datetime) -> None:
    if choices.withdraw_grant(person, USE, field=FIELD, now=now):
        attest(person, Act.GRANT_WITHDRAWN, promise=Promise.CONTACT_LIMIT, now=now)
