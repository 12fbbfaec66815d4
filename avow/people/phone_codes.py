"""
Show that a phone number is one's own: a code to it by text message, entered here.

Why beside the number and not a part of it: a number may be had without being confirmed, and one that was confirmed
stays so only while it is the same. So what was confirmed is kept as the number itself, sealed, and compared.

Holds:    a code has six digits, lasts ten minutes and takes three tries; a newer one ends it. Codes are limited for
          each person, number and network, so that nobody's phone is flooded. The message goes to the number that is
          there. A number that is corrected, or taken away, is unconfirmed from that moment.
Assumes:  whoever delivers text messages says when none can be sent (`ports.texts`); then nobody is asked for a code.
          Who signs in with a number goes on with the newly confirmed one (`numbers`).
Does not: sign anybody in by a code: a number is lent, carried away and given to others more easily than a passkey (NIST
          SP 800-63B-4 3.1.3.3 calls it restricted).
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.evidence.acts import Act
from avow.people import letter_limits, numbers, ports
from avow.people.awaited_codes import AwaitedCodes
from avow.people.models import ConfirmedPhone, PhoneCode
from avow.people.ports import Became
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault.actor import SERVICE
from avow.vault.attesting import attest
from avow.vault.opening import open_field
from avow.vault.sealing import open_blob, seal_blob

DIGITS = 6
CONFIRMED = "confirmed-phone"  # a label
NO_NUMBER = "There is no phone number to confirm; add one first."
GONE = "This code is not valid any more; ask for another one."
WRONG = "This is not the code that was sent; please look again."
CODES = AwaitedCodes(PhoneCode, "phone-code", to="number", meant=lambda typed: "".join(typed.split()), gone=GONE)
is_waiting, clear_expired = CODES.is_waiting, CODES.clear_expired


def digits() -> str:
    """Return a fresh code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


@transaction.atomic
def begin(person: UUID, *, now: datetime, place: str = "", fresh: Callable[[], str] = digits) -> None:
    """
    Send a code to the number that the person gave; NotFound when there is none, NotYet after several.

    `place` is the address from where they ask.
    """
    number = _number(person, now)
    if number is None:
        raise NotFound(NO_NUMBER)
    letter_limits.count_text(person, number, place)
    code = fresh()
    message = ports.texts().send_code(code, number=number, person=person, now=now)
    CODES.keep(person, number, code, now=now, message=message)


def became(person: UUID, *, now: datetime) -> Became | None:
    """Say how the message with the awaited code fares; None where none is awaited."""
    message = CODES.message_of(person, now=now)
    return ports.texts().became(message) if message else None


def confirm(person: UUID, code: str, *, now: datetime) -> None:
    """Take the code; BadInput when it is another one, NotFound when none is awaited for this number."""
    number = CODES.spend_a_try(person, code, now=now)
    if number is None:
        raise BadInput(WRONG)
    if number != _number(person, now):
        raise NotFound(GONE)
    keep_confirmed(person, number, now=now)
    if numbers.has(person):
        numbers.follow(person, number, now=now)


def confirmed_at(person: UUID, *, now: datetime) -> datetime | None:
    """Return when the present number was confirmed, if it was."""
    row = ConfirmedPhone.objects.filter(person=person).first()
    if row is None:
        return None
    confirmed = open_blob(person, CONFIRMED, bytes(row.sealed), purpose=Purpose.ACCOUNT).decode()
    return row.at if confirmed == _number(person, now) else None


def forget(person: UUID) -> int:
    """Remove code and confirmation; return how many rows went."""
    return CODES.forget(person) + ConfirmedPhone.objects.filter(person=person).delete()[0]


def count(person: UUID) -> int:
    """Count code and confirmation."""
    return CODES.count(person) + ConfirmedPhone.objects.filter(person=person).count()


@transaction.atomic
def keep_confirmed(person: UUID, number: str, *, now: datetime) -> None:
    """Keep that this number was shown to be the person's."""
    sealed = seal_blob(person, CONFIRMED, number.encode())
    ConfirmedPhone.objects.update_or_create(person=person, defaults={"sealed": sealed, "at": now})
    CODES.forget(person)
    attest(person, Act.PHONE_VERIFIED, promise=Promise.GIVEN_DATA, now=now)


def _number(person: UUID, now: datetime) -> str | None:
    return open_field(person, "phone", Purpose.ACCOUNT, by=SERVICE, now=now)
