"""
What other rooms and pages may ask about people; every answer opens only what its purpose allows.

Holds:    an address leads to a person only for who has the address already.
Does not: list people. Those that answer with more than one say so: `signed_in`, by numbers, for ending all of it;
          `confirmed_addresses_of`, for whom the caller has named.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from avow.people import relying, session_seal
from avow.people.catalogue import FIELDS
from avow.people.models import Account, Session, SignedInApplication
from avow.policy.purposes import Purpose
from avow.vault import opening, persons
from avow.vault.actor import SERVICE, THE_PERSON, Actor
from avow.vault.catalogue import PersonalField
from avow.vault.opening import Past


@dataclass(frozen=True)
class Shown:
    """One field of a person's settings, as a page shows it."""

    field: PersonalField
    value: str | None
    since: datetime | None
    source: str | None
    version: str | None  # sha256 of the policy it was collected under


@dataclass(frozen=True)
class Browser:
    """One browser that is signed in; nothing tells which."""

    this: bool
    since: datetime
    ends: datetime


@dataclass(frozen=True)
class Entered:
    """One of the company's applications that a person is signed in to."""

    name: str
    since: datetime
    receives: str


def browsers(person: UUID, *, this: str | None, now: datetime) -> list[Browser]:
    """Return where the person is signed in, this browser first."""
    own = session_seal.row_key(this or "")
    rows = Session.objects.filter(person=person, ends_at__gt=now, idle_ends_at__gt=now).exclude(signed_in_at=None)
    found = [Browser(row.key == own, row.signed_in_at, row.ends_at) for row in rows if row.signed_in_at]
    return sorted(found, key=lambda browser: (not browser.this, browser.since))


def applications(person: UUID) -> list[Entered]:
    """Return the applications that the person is signed in to."""
    since = dict(SignedInApplication.objects.filter(person=person).values_list("client_id", "since"))
    known = relying.applications(list(since))
    return [Entered(one.name, since[one.client_id], one.receives) for one in known]


def person_at(address: str, *, verified: bool = False) -> UUID | None:
    """Return the person of this address; one who confirmed it goes before one who did not."""
    rows = EmailAddress.objects.filter(email=address.strip().lower()).order_by("-verified", "-primary", "pk")
    if verified:
        rows = rows.filter(verified=True)
    person: UUID | None = rows.values_list("user__person", flat=True).first()
    return person


def reachable(person: UUID | None) -> UUID | None:
    """Return the person if messages may lie under their key; who is being erased is nobody any more."""
    return None if person is None or persons.standing(person).erasing_since else person


def address_of(person: UUID, purpose: Purpose, *, now: datetime) -> str | None:
    """Return where the person is written to."""
    return opening.open_field(person, "email", purpose, by=SERVICE, now=now)


def confirmed_address_of(person: UUID, purpose: Purpose, *, now: datetime) -> str | None:
    """Return where the person is written to, if they showed by a code that it is theirs."""
    confirmed = EmailAddress.objects.filter(user__person=person, verified=True, primary=True)
    return address_of(person, purpose, now=now) if confirmed.exists() else None


def confirmed_addresses_of(
    people: Collection[UUID], purpose: Purpose, *, now: datetime
) -> tuple[dict[UUID, str], set[UUID]]:
    """Return the confirmed addresses of many, and who has one that may not be opened for this."""
    rows = EmailAddress.objects.filter(user__person__in=list(people), verified=True, primary=True)
    confirmed = set(rows.values_list("user__person", flat=True))
    opened = opening.open_each(confirmed, "email", purpose, now=now)
    return opened, confirmed - opened.keys()


def own_words(person: UUID, *, now: datetime) -> list[str]:
    """Return what somebody who knows the person would try in a password."""
    opened = opening.open_fields(person, ["name", "email"], Purpose.SECURITY, by=SERVICE, now=now)
    return [value for value in opened.values() if value]


def profile(person: UUID, now: datetime, *, by: Actor = THE_PERSON) -> list[Shown]:
    """Return every field that a person can give and correct, with what it holds and since when."""
    return [_shown(person, field, now, by) for field in FIELDS if field.name != "password"]


def history(person: UUID, field: str, now: datetime, *, by: Actor = THE_PERSON) -> list[Past]:
    """Return the values this field had, the newest first."""
    return opening.history(person, field, Purpose.RIGHTS, by=by, now=now)


def signed_in() -> list[UUID]:
    """Return everybody who is signed in anywhere; for ending all of it."""
    found = Session.objects.exclude(person=None).values_list("person", flat=True).distinct()
    return [person for person in found if person is not None]


def is_real(person: UUID) -> bool:
    """Say whether the person is somebody, and not the canary of a live check."""
    return Account.objects.filter(person=person, canary=False).exists()


def _shown(person: UUID, field: PersonalField, now: datetime, by: Actor) -> Shown:
    values = history(person, field.name, now, by=by)
    current = next((past for past in values if past.until is None), None)
    if current is None:
        return Shown(field, None, None, None, None)
    return Shown(field, current.value, current.since, current.source, current.version)
