"""
Try the phone's own yes on the canary, for the live check.

Holds:    nothing stays (`in_vain`); the number is nobody's (a range that is kept for examples).
"""

from datetime import datetime
from uuid import UUID

from avow.errors import PurposeRefused
from avow.people import given, phone_use
from avow.people.in_vain import in_vain
from avow.vault import governing
from avow.vault.actor import SERVICE
from avow.vault.opening import open_field

NUMBER = "+442079460999"  # Ofcom's numbers for drama: +44 20 7946 0000 to 0999


def fault(person: UUID, *, now: datetime) -> str | None:
    """Return what is wrong with the yes to the use of a number, or None."""
    with in_vain():
        given.keep(person, phone_use.FIELD, NUMBER, source="live check", now=now)
        if _opens(person, now):
            return "a phone number may be used for messages though its person never allowed it"
        phone_use.allow(person, on=True, now=now)
        if phone_use.USE in governing.in_force(now).bound.purposes and not _opens(person, now):
            return "a phone number may not be used for messages though its person allowed it"
        phone_use.allow(person, on=False, now=now)
        if _opens(person, now):
            return "a phone number may still be used for messages after its person took that back"
    return None


def _opens(person: UUID, now: datetime) -> bool:
    try:
        return open_field(person, phone_use.FIELD, phone_use.USE, by=SERVICE, now=now) is not None
    except PurposeRefused:
        return False
