"""
Browsers without account: each is a person whose only proof is its cookie.

Why a keyed hash (`cookies`): a thief of the table can try no cookie without the key, and cannot act as a browser
from it.

Holds:    a cookie has at most one person, and a forgotten one none: what arrives later is nobody's.
Does not: ever join a browser's history to an account's; signing in is another ticket, not another cookie.
"""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from uuid import UUID

from avow.usage import cookies
from avow.usage.models import Browser
from avow.vault import enrolment
from avow.vault.enrolment import PersonKind

FORGOTTEN = timedelta(days=2)  # how long the hash of a forgotten cookie stays; longer than anything is on its way


def person_of(cookie: str | None) -> UUID | None:
    """Return whose cookie it is, or None when nothing was recorded under it."""
    hash_ = cookies.read(cookie)
    return Browser.objects.filter(cookie=hash_).values_list("person", flat=True).first() if hash_ else None


def persons_of(hashes: AbstractSet[bytes], *, now: datetime) -> dict[bytes, UUID]:
    """Return the persons of these cookies' hashes, enrolling who is new; a forgotten one is left out."""
    known = {bytes(row.cookie): row.person for row in Browser.objects.filter(cookie__in=hashes)}
    for hash_ in hashes - known.keys():
        known[hash_] = _enrol(hash_, now)
    Browser.objects.filter(cookie__in=hashes, last_day__lt=now.date()).exclude(person=None).update(last_day=now.date())
    return {hash_: person for hash_, person in known.items() if person is not None}


def forget(person: UUID, *, now: datetime) -> int:
    """Take the person from its cookie; return how many rows were about it."""
    return Browser.objects.filter(person=person).update(person=None, last_day=now.date())


def sweep(day: date) -> int:
    """Remove the hashes of cookies that were forgotten long enough ago."""
    return Browser.objects.filter(person=None, last_day__lt=day - FORGOTTEN).delete()[0]


def _enrol(hash_: bytes, now: datetime) -> UUID:
    person = enrolment.enrol(kind=PersonKind.BROWSER, now=now)
    Browser.objects.create(cookie=hash_, person=person, since=now.date(), last_day=now.date())
    return person
