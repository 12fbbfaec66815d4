"""
Show that a phone number is one's own: a code to it by text message, entered here.

Why beside the number and not a part of it: a number may be had without being confirmed, and one that was confirmed
stays so only while it is the same. So what was confirmed is kept as the number itself, sealed, and compared.

Holds:    a code has six digits, lasts ten minutes and takes three tries; a newer one ends it. Codes are limited for
          each person and each number, so that nobody's phone is flooded. The message goes to the number that is there.
          A number that is corrected, or taken away, is unconfirmed from that moment.
Assumes:  whoever delivers text messages says when none can be sent (`ports.texts`); then nobody is asked for a code.
Does not: sign anybody in: a number is lent, carried away and given to others more easily than a passkey (NIST
          SP 800-63B-4 3.1.3.3 calls it restricted).
"""

import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.core import ratelimit
from django.db import transaction
from django.http import HttpRequest

from avow.errors import BadInput, NotFound
from avow.evidence.acts import Act
from avow.people import ports
from avow.people.letter_limits import TooManyCodes
from avow.people.models import ConfirmedPhone, PhoneCode
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault.actor import SERVICE
from avow.vault.attesting import attest
from avow.vault.opening import open_field
from avow.vault.sealing import open_blob, seal_blob

LASTS = timedelta(minutes=10)
TRIES = 3
DIGITS = 6
CODE, CONFIRMED = "phone-code", "confirmed-phone"  # labels
NO_NUMBER = "There is no phone number to confirm; add one first."
GONE = "This code is not valid any more; ask for another one."
WRONG = "This is not the code that was sent; please look again."


def digits() -> str:
    """Return a fresh code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


@transaction.atomic
def begin(person: UUID, *, now: datetime, fresh: Callable[[], str] = digits) -> None:
    """Send a code to the number that the person gave; NotFound when there is none, TooManyCodes after several."""
    number = _number(person, now)
    if number is None:
        raise NotFound(NO_NUMBER)
    _count(person, number)
    code = fresh()
    sealed = seal_blob(person, CODE, json.dumps({"number": number, "code": code}).encode())
    PhoneCode.objects.update_or_create(
        person=person, defaults={"sealed": sealed, "tries_left": TRIES, "ends_at": now + LASTS}
    )
    ports.texts().send_code(code, number=number, person=person, now=now)


def confirm(person: UUID, code: str, *, now: datetime) -> None:
    """Take the code; BadInput when it is another one, NotFound when none is awaited for this number."""
    number = _spend_a_try(person, code, now)
    if number is None:
        raise BadInput(WRONG)
    if number != _number(person, now):
        raise NotFound(GONE)
    _keep(person, number, now)


def is_waiting(person: UUID, *, now: datetime) -> bool:
    """Say whether a code is awaited."""
    return PhoneCode.objects.filter(person=person, ends_at__gt=now, tries_left__gt=0).exists()


def confirmed_at(person: UUID, *, now: datetime) -> datetime | None:
    """Return when the present number was confirmed, if it was."""
    row = ConfirmedPhone.objects.filter(person=person).first()
    if row is None:
        return None
    confirmed = open_blob(person, CONFIRMED, bytes(row.sealed), purpose=Purpose.ACCOUNT).decode()
    return row.at if confirmed == _number(person, now) else None


def clear_expired(now: datetime) -> int:
    """Remove codes that nobody entered in time; return how many."""
    return PhoneCode.objects.filter(ends_at__lte=now).delete()[0]


def forget(person: UUID) -> int:
    """Remove code and confirmation; return how many rows went."""
    return (
        PhoneCode.objects.filter(person=person).delete()[0] + ConfirmedPhone.objects.filter(person=person).delete()[0]
    )


def count(person: UUID) -> int:
    """Count code and confirmation."""
    return PhoneCode.objects.filter(person=person).count() + ConfirmedPhone.objects.filter(person=person).count()


@transaction.atomic
def _keep(person: UUID, number: str, now: datetime) -> None:
    sealed = seal_blob(person, CONFIRMED, number.encode())
    ConfirmedPhone.objects.update_or_create(person=person, defaults={"sealed": sealed, "at": now})
    PhoneCode.objects.filter(person=person).delete()
    attest(person, Act.PHONE_VERIFIED, promise=Promise.GIVEN_DATA, now=now)


@transaction.atomic
def _spend_a_try(person: UUID, code: str, now: datetime) -> str | None:
    """Return the number if this is its code; otherwise one try is gone, even if the caller fails later."""
    row = PhoneCode.objects.select_for_update().filter(person=person, ends_at__gt=now, tries_left__gt=0).first()
    if row is None:
        raise NotFound(GONE)
    waiting = json.loads(open_blob(person, CODE, bytes(row.sealed), purpose=Purpose.ACCOUNT))
    if hmac.compare_digest("".join(code.split()).encode(), str(waiting["code"]).encode()):
        return str(waiting["number"])
    PhoneCode.objects.filter(person=person).update(tries_left=row.tries_left - 1)
    return None


def _number(person: UUID, now: datetime) -> str | None:
    return open_field(person, "phone", Purpose.ACCOUNT, by=SERVICE, now=now)


def _count(person: UUID, number: str) -> None:
    request = HttpRequest()  # its limits are by key alone, and ask nothing of a request but that it writes
    request.method = "POST"
    if not all(ratelimit.consume(request, action="phone_code", key=key) for key in (str(person), number)):
        raise TooManyCodes("Several codes were sent a moment ago; wait ten minutes, then ask for another one.")
