"""
Try a passkey on the canary, for the live check: it opens once a challenge, its copy does not, and it rests sealed.

Holds:    nothing of it remains (`in_vain`), and no session begins.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.webauthn.internal.auth import WebAuthn
from fido2.utils import websafe_encode

from avow.errors import BadInput
from avow.people import handles, passkeys, second_step
from avow.people.at_rest import is_readable
from avow.people.in_vain import in_vain
from avow.people.models import Account
from avow.people.soft_key import SoftKey

State = dict[str, Any]


def fault(account: Account, *, now: datetime) -> str | None:
    """Give the account a passkey in vain; say what is wrong with how it rests or what it opens."""
    key = SoftKey(passkeys.place() or "https://avow.invalid")
    with in_vain():
        state = _challenge()
        made = key.create(_to_create(account, state, now))
        passkeys.register(account, made, state, now=now)
        row = WebAuthn.add(account, "Live check", made).instance
        if is_readable(row.pk, websafe_encode(key.number)):
            return "what a passkey is known by lies in clear"
        if not second_step.is_asked(account):
            return "a passkey that was made is not asked for"
        return _fault_of_signing(account, key, now)


def _fault_of_signing(account: Account, key: SoftKey, now: datetime) -> str | None:
    def signs(state: State, answer: dict[str, Any]) -> bool:
        return _is_taken(lambda: passkeys.show(account, answer, state, now=now))

    state = _challenge()
    signed = key.get(_to_get(state, now))
    if not signs(state, signed):
        return "the right passkey does not sign in"
    if signs(state, signed):
        return "a passkey's answer signs in twice"
    copied = SoftKey(key.origin, count=key.count - 1, handle=key.handle, key=key.key, number=key.number)
    if signs(state := _challenge(), copied.get(_to_get(state, now))):
        return "a passkey whose counter does not advance signs in"
    stranger = SoftKey(key.origin, count=key.count, handle=key.handle, number=key.number)
    if signs(state := _challenge(), stranger.get(_to_get(state, now))):
        return "a key that is not the account's signs in"
    elsewhere = SoftKey("https://elsewhere.invalid", count=key.count, handle=key.handle, key=key.key, number=key.number)
    return (
        "a signature that another site obtained signs in"
        if signs(state := _challenge(), elsewhere.get(_to_get(state, now)))
        else None
    )


def _is_taken(act: Callable[[], object]) -> bool:
    try:
        act()
    except BadInput:
        return False
    return True


def _challenge() -> State:
    return {"challenge": websafe_encode(secrets.token_bytes(32)), "user_verification": "required"}


def _to_create(account: Account, state: State, now: datetime) -> dict[str, Any]:
    user = {"id": websafe_encode(account.handle.encode()), "name": handles.written(account.handle)}
    return {"publicKey": {"challenge": state["challenge"], "rp": passkeys.relying_party(now), "user": user}}


def _to_get(state: State, now: datetime) -> dict[str, Any]:
    return {"publicKey": {"challenge": state["challenge"], "rpId": passkeys.relying_party(now)["id"]}}
