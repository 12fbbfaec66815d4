"""
Keep what a person gives, at sign-up or in the settings: one field, one value, its history.

Holds:    a value is brought into its one form first (`names`, `phone`) or refused with a
          sentence; what was there before stays as history under the person's key; the act
          is recorded in the log without the value.
          An optional field that is left empty, or emptied, leaves no value at all.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.evidence.acts import Act
from avow.people import names, phone
from avow.people.catalogue import declared
from avow.policy.promises import Promise
from avow.vault import normalising, sealing
from avow.vault.attesting import attest


def address(typed: str) -> str:
    """Return an address as it is kept and written to; whether it exists, its code says.

    The domain stands as DNS has it, so that one mailbox written in two ways is one account, and every relay takes it.
    Raises BadInput when it has no domain.
    """
    local, _, domain = unicodedata.normalize("NFC", typed.strip()).lower().rpartition("@")
    return f"{local}@{normalising.domain_of_dns(domain)}" if local and domain else typed.strip().lower()


FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"name": names.written, "phone": lambda typed: phone.e164(typed) if typed.strip() else "", "email": address}
)


def in_form(field: str, typed: str) -> str:
    """Return the value in the one form of its field, or refuse it."""
    if field not in FORMS:
        raise NotFound("There is no such field; the catalogue names those that can be given.")
    value = FORMS[field](typed)
    if not value and declared(field).required:
        raise BadInput(f"{declared(field).label} is needed: {declared(field).reason}")
    return value


@transaction.atomic
def keep(person: UUID, field: str, value: str, *, source: str, now: datetime) -> None:
    """Seal a value that is in its form already, or end the present one when it is empty."""
    if value:
        sealing.put(person, field, value, source=source, now=now)
    else:
        sealing.remove(person, field, now=now)


def record(person: UUID, *, now: datetime) -> None:
    """Record in the log that the person corrected something."""
    attest(person, Act.FIELD_CHANGED, promise=Promise.VIEW_AND_CORRECT, now=now)
