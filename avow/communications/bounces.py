"""
What is known of an address from mail that came back, and what follows: it is written to no more, until it works again.

    hard    there is no such mailbox                  one is enough
    soft    full, blocked, no longer tried            SOFT of them, on different days within WITHIN
    spam    its person called a letter of ours spam   stops nothing here; `hearing_back` turns their switch

Why a code still goes: it is the way by which a person shows that the address works again.

Holds:    topics and notices go to the account alone while an address stands as dead, and the account says so. A row is
          about one person and one address: a new address starts without any. A report about another address, from a
          token that is not whole, or about somebody who was erased, changes nothing.
          It ends when the person says so, or confirms the address by its code.
Assumes:  whoever can read a mail of ours to somebody can report it as returned. They reach no more by it than that
          letters stay in the account until its person turns them on again.
Does not: read reports (`returned`), or keep the address: a keyed hash of it, which goes with the person.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from avow.communications.bounce_models import Bounce
from avow.communications.classes import MessageClass
from avow.communications.models import PolicyNotice
from avow.communications.return_path import Whose
from avow.communications.signals import came_back
from avow.errors import Erased, NotFound
from avow.evidence.acts import Act
from avow.people import queries
from avow.people.install import secret
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import crypto, persons
from avow.vault.attesting import attest
from avow.vault.normalising import EMAIL, normalise

SOFT, WITHIN = 3, timedelta(days=14)
NO_MAILBOX = ("5.0.0", "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4")  # RFC 3463, RFC 7505
SAID_AT_ONCE = frozenset(NO_MAILBOX) - {"5.0.0", "5.1.0", "5.4.4"}  # by a relay itself, which may mean itself


class Severity(StrEnum):
    """How bad it is; the value stands in the row."""

    HARD = "hard"
    SOFT = "soft"
    SPAM = "spam"


def severity(status: str) -> Severity:
    """Say what a failed delivery's status means; whatever does not say that there is no mailbox may pass."""
    return Severity.HARD if status in NO_MAILBOX else Severity.SOFT


@transaction.atomic
def failed(whose: Whose, address: str, status: str, *, now: datetime) -> None:
    """Keep that a mail to this address of a living person failed."""
    how = severity(status)
    keep(whose.person, address, how, status, now=now)
    if whose.kind is MessageClass.NOTICE and stands(whose.person, address, now=now):
        owed = PolicyNotice.objects.filter(person=whose.person, mailed_at__isnull=False, shown_at=None)
        owed.update(bounced_at=now)
    came_back.send(sender=None, person=whose.person, kind=whose.kind, now=now)


def keep(person: UUID, address: str, how: Severity, status: str, *, now: datetime) -> None:
    """Keep one row a day and severity, so that a storm of reports fills nothing."""
    _, is_new = Bounce.objects.update_or_create(
        person=person, mac=_mac(address), severity=how, day=now.date(),
        defaults={"status": status, "at": now, "lifted_at": None},
    )  # fmt: skip
    if is_new:
        attest(person, Act.MAIL_RETURNED, promise=Promise.CONTACT_LIMIT, actor="service", now=now)


def stands(person: UUID, address: str, *, now: datetime) -> bool:
    """Say whether this address of a person is written to no more."""
    return bool(who_is_dead({person: address}, now=now))


def who_is_dead(addresses: Mapping[UUID, str], *, now: datetime) -> set[UUID]:
    """Return whose address, of these, is written to no more."""
    rows = Bounce.objects.filter(person__in=list(addresses), lifted_at=None).exclude(severity=Severity.SPAM)
    since, soft, dead = (now - WITHIN).date(), dict[UUID, set[date]](), set[UUID]()
    for person, mac, how, day in rows.values_list("person", "mac", "severity", "day"):
        if bytes(mac) == _mac(addresses[person]):
            dead |= {person} if how == Severity.HARD else set()
            soft.setdefault(person, set()).update({day} if day >= since else ())
    return dead | {person for person, days in soft.items() if len(days) >= SOFT}


def of(person: UUID) -> list[Bounce]:
    """Return all that is kept about a person, the newest first."""
    return list(Bounce.objects.filter(person=person).order_by("-at", "-id"))


@transaction.atomic
def is_dead(person: UUID, *, now: datetime) -> bool:
    """Say whether mail to the address that a person has now came back."""
    address = address_of(person, now) if Bounce.objects.filter(person=person, lifted_at=None).exists() else None
    return address is not None and stands(person, address, now=now)


@transaction.atomic
def lift(person: UUID, *, now: datetime) -> int:
    """Write to the person's addresses again; return how many rows it ended. What they called spam stays off."""
    rows = Bounce.objects.filter(person=person, lifted_at=None).exclude(severity=Severity.SPAM)
    return rows.update(lifted_at=now)


def address_of(person: UUID, now: datetime) -> str | None:
    """Return the person's address, with the person locked; None for who is erased, being erased, or has none."""
    try:
        if persons.lock(person).erasing_since is not None:
            return None
        return queries.address_of(person, Purpose.RIGHTS, now=now)
    except (Erased, NotFound):
        return None


def _mac(address: str) -> bytes:
    key = crypto.derive(secret("bounce"), "avow.bounce.address/1")
    return crypto.commitment(key, "avow/bounce", normalise(EMAIL, address).encode())
