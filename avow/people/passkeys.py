"""
Passkeys: keys in a person's own devices, each of which signs in by itself and is the second step of any other way.

Why allauth's pages and not its judgement: it takes a counter that does not advance, tells authenticators the row's
number, and lets the Host header say for which site a key is made. So here fido2 judges what a browser answered, and
this file says for whom and where.

    register    a new key's answer to a challenge    -> what is kept of it
    show        a key's signature under a challenge  -> the authenticator, whose use is counted

Holds:    every key is discoverable and asks its person (by finger, face or code), so it counts for both steps.
          Keys are made for the host of AVOW_BASE_URL and for no other, whatever a request's Host says.
          A challenge counts once, also for two requests at a time. A counter must advance, or the key is refused: it
          may have been copied. What is kept (public key, name, counter) lies under the person's key.
          Whatever a browser sends that is no such answer is refused with one sentence.
Assumes:  the cache that marks used challenges is shared by every process.
Does not: ask who made the key (attestation): that says more about the person than it helps. Look through other
          accounts for the same key: a sign-in names its account by the key's own handle.
Source:   WebAuthn Level 3, sections 7.1 and 7.2.
"""

import ipaddress
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
)

from avow.errors import BadInput
from avow.people import company, handles, security_events
from avow.people.models import Account
from avow.people.security_events import Event

LONGEST = 16_384  # characters of an answer; a usual one has 1,500
MOST = 10  # keys of one account
MALFORMED = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError,
    ValueError, struct.error,
)  # fmt: skip
NOT_TAKEN = "This passkey was not taken. Please try once more, or sign in another way."
COPIED = (
    "This passkey was not taken: its counter did not advance, as if there were a copy of it. Sign in another way, and "
    "take this passkey away."
)
TOO_MANY = f"An account has at most {MOST} passkeys; take one away that you do not use any more."


@dataclass(frozen=True)
class Passkey:
    """One passkey, as its person sees it."""

    number: int
    name: str
    since: datetime
    used_at: datetime | None
    synced: bool  # its maker may copy it to the person's other devices


def of(account: Account) -> tuple[Passkey, ...]:
    """Return the passkeys of an account, the oldest first."""
    return tuple(_shown(row) for row in _rows(account))


def place() -> str:
    """
    Return the origin at which passkeys work, or nothing where browsers offer none.

    They do at https, and at localhost; to a bare number they give none, so a house on this machine is called localhost.
    """
    base = urlsplit(settings.BASE_URL)
    host = base.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return f"{base.scheme}://{base.netloc}" if base.scheme == "https" or host == "localhost" else ""
    return f"{base.scheme}://localhost{f':{base.port}' if base.port else ''}" if local else ""


def relying_party(now: datetime) -> dict[str, str]:
    """Return for whom keys are made: the host is fixed by configuration."""
    return {"id": urlsplit(place()).hostname or "avow.invalid", "name": company.name(now)}


def register(account: Account, answer: Any, state: Any, *, now: datetime) -> AuthenticatorData:
    """Judge the answer of a new key; BadInput when it is none, was not asked for, or is known already."""
    if len(known := _rows(account)) >= MOST:
        raise BadInput(TOO_MANY)
    try:
        challenge = _once(answer, state)
        RegistrationResponse.from_dict(answer)
        made = _server(now).register_complete(challenge, answer)
    except MALFORMED:
        raise BadInput(NOT_TAKEN) from None
    data = made.credential_data
    if data is None or data.public_key.get(3) not in CoseKey.supported_algorithms():  # 3: alg
        raise BadInput(NOT_TAKEN)
    if data.credential_id in {_credential(row).credential_id for row in known}:
        raise BadInput(NOT_TAKEN)
    return made


def show(account: Account | None, answer: Any, state: Any, *, now: datetime) -> Authenticator:
    """
    Judge what a key signed, count it, and return whose it is; BadInput otherwise.

    `account` is who must sign, when that is known already; without it the key names its account.
    """
    try:
        challenge = _once(answer, state)
        parsed = AuthenticationResponse.from_dict(answer)
        owner = _owner(account, parsed)
        keys = [(_credential(row), row) for row in _rows(owner)]
        signed = _server(now).authenticate_complete(challenge, [key for key, _ in keys], answer)
        return _count(
            next(row for key, row in keys if key.credential_id == signed.credential_id),
            parsed.response.authenticator_data.counter,
        )
    except MALFORMED:
        raise BadInput(NOT_TAKEN) from None


def rename(account: Account, number: int, name: str) -> bool:
    """Give a passkey another name; False when it is gone."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user=account, type=TYPE, pk=number).first()
        if row is None:
            return False
        row.data["name"] = name
        row.save(update_fields=["data"])
    return True


TYPE = Authenticator.Type.WEBAUTHN


def _once(answer: Any, state: Any) -> Mapping[str, Any]:
    """Return the challenge that was set, which nobody may answer a second time."""
    if not isinstance(answer, dict) or not isinstance(state, dict):
        raise TypeError
    if not cache.add(f"passkey-challenge-{state['challenge']}", value=True, timeout=86400):
        raise ValueError
    return state


def _owner(account: Account | None, parsed: AuthenticationResponse) -> Account:
    """Return the account that signs; the key's word on it must agree with what is known."""
    named = bytes(parsed.response.user_handle or b"").decode("ascii")
    if not set(named) <= set(handles.LETTERS):
        raise LookupError
    if account is None:
        found = Account.objects.filter(handle=named, is_active=True, canary=False).first()
        if found is None:
            raise LookupError
        return found
    if named and named != account.handle:
        raise LookupError
    return account


def _server(now: datetime) -> Fido2Server:
    here = place()
    return Fido2Server(PublicKeyCredentialRpEntity(**relying_party(now)), verify_origin=lambda origin: origin == here)


@transaction.atomic
def _count(row: Authenticator, count: int) -> Authenticator:
    """Take a key's count of its signatures: it must be more than the last, unless the key never counts."""
    row = Authenticator.objects.select_for_update().get(pk=row.pk)
    last = int(row.data["count"] if "count" in row.data else _made(row).counter)
    if (count or last) and count <= last:
        security_events.note(Event.PASSKEY_COPIED)
        raise BadInput(COPIED)
    row.data["count"] = count
    row.save(update_fields=["data"])
    return row


def _rows(account: Account) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=account, type=TYPE).select_related("user").order_by("created_at"))


def _made(row: Authenticator) -> AuthenticatorData:
    made: AuthenticatorData = RegistrationResponse.from_dict(
        row.data["credential"]
    ).response.attestation_object.auth_data
    return made


def _credential(row: Authenticator) -> AttestedCredentialData:
    data = _made(row).credential_data
    assert data is not None  # `register` kept none without
    return data


def _shown(row: Authenticator) -> Passkey:
    synced = bool(_made(row).flags & AuthenticatorData.FLAG.BE)
    return Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at, synced)
