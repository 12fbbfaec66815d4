"""
The link "this was not me" in each letter about an account's safety, also in the one to an address that was given up.

Why sealed and not looked up: it must work without signing in, since whoever was robbed of an account cannot.

    token = seal(person, the moment that the letter is about, whether it takes the address back)

Holds:    opening the page changes nothing, since mailboxes follow links; its button does. It ends every session and
          every application's sign-in, makes the password open nothing until a new one is set by a code, and takes
          away whatever was added to the account from that moment on: passkeys, apps, codes, third parties. The address
          that the letter went to becomes the account's again, if it was replaced since. Again and again does the same
          as once. What a mailbox got that an address was taken back from opens nothing any more.
          A link lasts two weeks, and ends with the person. What guards a second step goes by it for three days alone:
          after that, whoever reads an old mailbox cannot take a step away and then have a new password mailed.
Does not: undo what was read or exported meanwhile. Hand the account to whoever holds the mailbox: a new password still
          asks for the second step that was there before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.people import new_address, security_events, signing
from avow.people.models import Account
from avow.people.sealed_token import SealedToken
from avow.people.security_events import Event
from avow.policy.promises import Promise
from avow.vault.attesting import attest

LASTS = timedelta(days=14)
STEPS_LAST = timedelta(days=3)  # during which a link takes a second step away that came since
BEFORE = timedelta(minutes=5)  # a letter is written a little after what it tells
TOKEN = SealedToken("tickets", "avow.not-me/1")
NUMBER, STAMP = 16, 8  # bytes
GONE = (
    "This link is over, or not whole. If somebody else is in your account, set a new password: that signs everybody "
    "out."
)


@dataclass(frozen=True)
class Claim:
    """Who says that something was not them."""

    person: UUID
    at: datetime
    address_back: bool


@dataclass(frozen=True)
class Done:
    """What a click could undo."""

    address: bool  # the account's address is the one that the letter went to
    steps: bool  # second steps that came since are gone


def link(person: UUID, *, at: datetime, address_back: bool = False) -> str:
    """Return the address that stands in the letter."""
    plain = person.bytes + int(at.timestamp()).to_bytes(STAMP, "big") + bytes([address_back])
    return settings.BASE_URL + reverse("not-me", args=[TOKEN.write(plain)])


def read(token: str, *, now: datetime) -> Claim:
    """Return what a token claims; NotFound for what is none of ours, or over."""
    plain = TOKEN.read(token)
    if plain is None:
        raise NotFound(GONE)
    at = datetime.fromtimestamp(int.from_bytes(plain[NUMBER : NUMBER + STAMP], "big"), UTC)
    claim = Claim(UUID(bytes=plain[:NUMBER]), at, bool(plain[-1]))
    if now > at + LASTS or not Account.objects.filter(person=claim.person, is_active=True).exists():
        raise NotFound(GONE)
    if new_address.is_disputed(claim.person, at=at, now=now):
        raise NotFound(GONE)
    return claim


@transaction.atomic
def act(claim: Claim, *, now: datetime) -> Done:
    """Shut everybody out, and undo what was done to the account from that moment on; say what could be undone."""
    account = Account.objects.select_for_update().filter(person=claim.person, is_active=True).first()
    if account is None or new_address.is_disputed(claim.person, at=claim.at, now=now):
        raise NotFound(GONE)
    signing.sign_out_everywhere(claim.person, now=now)
    account.set_unusable_password()
    account.save(update_fields=["password"])
    since = claim.at - BEFORE
    steps = now <= claim.at + STEPS_LAST
    if steps:
        Authenticator.objects.filter(user=account, created_at__gte=since).delete()
    SocialAccount.objects.filter(user=account, date_joined__gte=since).delete()
    address = new_address.take_back(claim.person, at=claim.at, now=now)
    security_events.note(Event.NOT_ME)
    attest(claim.person, Act.SIGN_IN_CHANGED, promise=Promise.SECURITY_MEASURES, now=now)
    return Done(address=address, steps=steps)
