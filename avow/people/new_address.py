"""
Replace the address of an account, in two steps: a code to the new one, then the exchange.

Why not allauth's own flow here: it keeps the waiting address in one browser's session, so a
person who opens the mail elsewhere cannot finish. Here it waits under the person's key.

Holds:    until the right code comes back the old address stays in use. Three wrong codes, or ten
          minutes, end the attempt. The old address is told. If the new address belongs to another
          account, that account's owner is told and the code never comes: nobody here learns why. So the code
          goes out as to a stranger: one's own log and messages are the same whomever the address belongs to.
          Codes are limited, for each person and for each mailbox (`letter_limits`).
Does not: keep an address that was never confirmed: its row ends with its code.
"""

from datetime import datetime
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.people import given, letter_limits, ports, queries
from avow.people.awaited_codes import AwaitedCodes
from avow.people.models import Account, PendingAddress, Session
from avow.people.ports import Code, Notice
from avow.people.signals import field_corrected
from avow.policy.purposes import Purpose
from avow.vault.opening import Past

TAKEN_BACK = "taken back"  # a source of values
GONE = "This code is not valid any more; enter the new address again to get another one."
WRONG = "This is not the code that was mailed; please look again."


def meant(typed: str) -> str:
    """Return the code that somebody meant who typed this."""
    return "".join(typed.split()).replace("-", "").upper()


CODES = AwaitedCodes(PendingAddress, "new-address", to="address", meant=meant, gone=GONE)
is_waiting, clear_expired = CODES.is_waiting, CODES.clear_expired


@transaction.atomic
def begin(person: UUID, address: str, *, now: datetime) -> None:
    """Mail a code to the new address; whether it is somebody else's does not show."""
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput("This is not a complete e-mail address; write it like name@example.com.") from None
    letter_limits.count_code(person, address)
    code = get_adapter().generate_email_verification_code()
    CODES.keep(person, address, code, now=now)
    owner = queries.reachable(queries.person_at(address, verified=True))
    if owner in {None, person}:
        ports.messages().send_code(Code.NEW_ADDRESS, code, address=address, person=None, now=now)
    else:
        ports.messages().send_notice(Notice.ALREADY_REGISTERED, address=address, person=owner, now=now)


def confirm(person: UUID, code: str, *, now: datetime) -> None:
    """Exchange the address if this is its code; BadInput when it is not, NotFound when none is awaited."""
    address = CODES.spend_a_try(person, code, now=now)
    if address is None:
        raise BadInput(WRONG)
    exchange(person, address, now=now)


def is_disputed(person: UUID, *, at: datetime, now: datetime) -> bool:
    """
    Say whether a link about this moment went to a mailbox that an address was taken back from since.

    Whoever took an account may have moved it from mailbox to mailbox; what those mailboxes got opens nothing any more.
    """
    past = queries.history(person, "email", now)
    taken_back = [one for one in past if one.source == TAKEN_BACK and one.since > at]
    return any(one.value != _in_force(past, at) for one in taken_back)


@transaction.atomic
def take_back(person: UUID, *, at: datetime, now: datetime) -> bool:
    """
    Put the address back that was in force at this moment; False when somebody else has it by now.

    Whoever reads that mailbox asked for it. The address that stood there meanwhile is told, without a link of that
    kind; and links that it got before open nothing any more (`is_disputed`).
    """
    past = queries.history(person, "email", now)
    before = _in_force(past, at)
    if before is None or any(one.until is None and one.value == before for one in past):
        return True
    try:
        exchange(person, before, now=now, told=Notice.ADDRESS_TAKEN_BACK, source=TAKEN_BACK)
    except NotFound:
        return False
    return True


def _in_force(past: list[Past], at: datetime) -> str | None:
    """Return the address that letters about this moment went to: what stood until then, if it was changed just then."""
    standing = [one for one in past if one.since < at and (one.until is None or one.until >= at)]
    if not standing:  # the account is hardly older than the letter
        standing = [one for one in past if one.until is None or one.until >= at]
    return min(standing, key=lambda one: one.since).value if standing else None


@transaction.atomic
def exchange(
    person: UUID, address: str, *, now: datetime, told: Notice = Notice.ADDRESS_CHANGED, source: str = "settings"
) -> None:
    """Put a confirmed address in the place of the old one, and tell the old one."""
    account = Account.objects.get(person=person)
    old = queries.address_of(person, Purpose.ACCOUNT, now=now)
    if EmailAddress.objects.filter(email=address, verified=True).exclude(user=account).exists():
        raise NotFound(GONE)  # somebody else confirmed it meanwhile
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
    CODES.forget(person)
    Session.objects.filter(person=person, signed_in_at=None).delete()  # a reset that waits for the old mailbox's code
    given.keep(person, "email", address, source=source, now=now)
    given.record(person, now=now)
    field_corrected.send(sender=exchange, person=person, field="email", now=now)
    if old and old != address:
        ports.messages().send_notice(told, address=old, person=person, now=now)
