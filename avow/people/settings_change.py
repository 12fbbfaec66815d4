"""
Correct what one gave: the person's own act, for name, phone and address.

Holds:    a name or a phone number is replaced at once; what it was stays as history that only
          the person and their rights open. An address is replaced only after the code that was
          mailed to it comes back (`new_address`). The value that pages, messages and exports
          read next is the new one. Writing what is there already changes nothing and says so.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from avow.people import given, guards, new_address
from avow.people.signals import field_corrected
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault.actor import THE_PERSON
from avow.vault.opening import open_field


class Outcome(StrEnum):
    """What became of a correction."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CODE_SENT = "code-sent"  # finish with new_address.confirm


@keeps(Promise.VIEW_AND_CORRECT)
@transaction.atomic
def change(person: UUID, field: str, value: str, *, now: datetime) -> Outcome:
    """Replace one field of the person by what they typed, or begin to; BadInput says what is wrong with it."""
    fresh = given.in_form(field, value)
    if fresh == (open_field(person, field, Purpose.RIGHTS, by=THE_PERSON, now=now) or ""):
        return Outcome.UNCHANGED
    if field == "email":
        new_address.begin(person, fresh, now=now)
        return Outcome.CODE_SENT
    if field == "phone" and not fresh:
        guards.give_up_number(person, now=now)
    given.keep(person, field, fresh, source="settings", now=now)
    given.record(person, now=now)
    field_corrected.send(sender=change, person=person, field=field, now=now)
    return Outcome.CHANGED
