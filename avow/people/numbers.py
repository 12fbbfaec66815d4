"""
Phone numbers by which people sign in, in the place of an e-mail address: found by a blind index, held as a token.

Why a number names and never proves: whoever has a phone for an hour, or a number after somebody else, receives its
codes (NIST SP 800-63B-4 3.1.3.3 calls that restricted). So a code shows once, at the sign-up, that the number is
theirs; a sign-in asks the password beside it, and a lost password is replaced by recovery codes, not by a text message.

Holds:    one account a number, which the database keeps too. A number that its person corrects goes on opening the
          account until the new one is confirmed by a code. One's last way in does not go by emptying the field.
Does not: give away whether a number is registered (`number_sign_up`, `by_number`).
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.people import ports, queries
from avow.people.models import SignInNumber
from avow.people.ports import Notice
from avow.people.token_field import PHONE
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import addresses
from avow.vault.attesting import attest

TAKEN = "Another account signs in with this number; it can be kept here, and yours goes on with the one before."


class NumberTaken(Refused):
    """Another account signs in with this number."""

    code = "number-taken"
    http_status = 409


def has(person: UUID) -> bool:
    """Say whether this person signs in with a number."""
    return SignInNumber.objects.filter(person=person).exists()


def since(person: UUID) -> datetime | None:
    """Return since when this person signs in with a number."""
    row = SignInNumber.objects.filter(person=person).first()
    return row.since if row else None


def number_of(person: UUID, *, now: datetime) -> str | None:
    """Return the number by which this person signs in."""
    row = SignInNumber.objects.filter(person=person).first()
    return addresses.open_address(row.token, person, Purpose.ACCOUNT, now=now) if row else None


def person_of(number: str) -> UUID | None:
    """Return who signs in with this number, in its one form."""
    token = addresses.find(PHONE, number)
    row = SignInNumber.objects.filter(token=token).first() if token else None
    return row.person if row else None


@transaction.atomic
def take(person: UUID, number: str, *, now: datetime) -> None:
    """Let a confirmed number open this account, in the place of the one before; NumberTaken when it opens another."""
    token = addresses.token_for(PHONE, number, person, now)
    before = SignInNumber.objects.select_for_update().filter(person=person).first()
    if before is not None and before.token == token:
        return
    try:
        with transaction.atomic():
            SignInNumber.objects.update_or_create(person=person, defaults={"token": token, "since": now})
    except IntegrityError:
        raise NumberTaken(TAKEN) from None
    if before is not None:
        addresses.let_go(before.token, person, now=now)


@transaction.atomic
def follow(person: UUID, number: str, *, now: datetime) -> None:
    """Let the newly confirmed number open the account, record it, and tell the number before and the address."""
    before = number_of(person, now=now)
    if before == number:
        return
    take(person, number, now=now)
    if before and ports.texts().can_send():
        ports.texts().say_exchanged(number=before, person=person, now=now)
    attest(person, Act.SIGN_IN_CHANGED, promise=Promise.PASSWORD_PROTECTION, now=now)
    if address := queries.confirmed_address_of(person, Purpose.SECURITY, now=now):
        ports.messages().send_notice(Notice.SIGN_IN_CHANGED, address=address, person=person, now=now)


def forget(person: UUID) -> int:
    """Let the number open nothing any more; return how many rows went. The vault lets go of the number itself."""
    return SignInNumber.objects.filter(person=person).delete()[0]


def give_up(person: UUID, *, now: datetime) -> None:
    """Let go of the number, for an account that has another way in."""
    for row in SignInNumber.objects.filter(person=person):
        addresses.let_go(row.token, person, now=now)
    forget(person)
