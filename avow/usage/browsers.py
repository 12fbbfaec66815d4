"""
Browsers without account: each is a person whose only proof is its cookie.

Why a keyed hash: a thief of the table can try no cookie without the key, and cannot act as a browser from it.

Holds:    a cookie has at most one person, and a forgotten one none: what arrives later is nobody's.
Does not: ever join a browser's history to an account's; signing in is another ticket, not another cookie.
"""

import hmac
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from avow.people.install import secret
from avow.usage.models import Browser
from avow.usage.receiving import COOKIE
from avow.vault import enrolment
from avow.vault.enrolment import PersonKind

FORGOTTEN = timedelta(days=2)  # how long the hash of a forgotten cookie stays; longer than anything is on its way


def person_of(cookie: str | None) -> UUID | None:
    """Return whose cookie it is, or None when nothing was recorded under it."""
    if not cookie or not COOKIE.match(cookie):
        return None
    return Browser.objects.filter(cookie=hashed(cookie)).values_list("person", flat=True).first()


def persons_of(cookies: Iterable[str], *, now: datetime) -> dict[str, UUID]:
    """Return the persons of these cookies, enrolling who is new; a forgotten one is left out."""
    by_hash = {hashed(cookie): cookie for cookie in cookies}
    known = {bytes(row.cookie): row.person for row in Browser.objects.filter(cookie__in=list(by_hash))}
    for hash_ in by_hash.keys() - known.keys():
        known[hash_] = _enrol(hash_, now)
    Browser.objects.filter(cookie__in=list(by_hash), last_day__lt=now.date()).exclude(person=None).update(
        last_day=now.date()
    )
    return {by_hash[hash_]: person for hash_, person in known.items() if person is not None}


def forget(person: UUID, *, now: datetime) -> int:
    """Take the person from its cookie; return how many rows were about it."""
    return Browser.objects.filter(person=person).update(person=None, last_day=now.date())


def sweep(day: date) -> int:
    """Remove the hashes of cookies that were forgotten long enough ago."""
    return Browser.objects.filter(person=None, last_day__lt=day - FORGOTTEN).delete()[0]


def hashed(cookie: str) -> bytes:
    """Return what stands for a cookie."""
    return hmac.digest(secret("browsers"), bytes.fromhex(cookie), "sha256")


def _enrol(hash_: bytes, now: datetime) -> UUID:
    person = enrolment.enrol(kind=PersonKind.BROWSER, now=now)
    Browser.objects.create(cookie=hash_, person=person, since=now.date(), last_day=now.date())
    return person
