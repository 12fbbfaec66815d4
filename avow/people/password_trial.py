"""
Try the canary's password at the door that everybody uses, for the live check.

Why at the door: a hash may be right and the backend before it broken; only signing in shows that a wrong password
stays outside. So for the length of the trial the canary has an address under .invalid.

Holds:    nothing of it remains (`in_vain`), and no session begins.
"""

import secrets

import argon2
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate

from avow.people.in_vain import in_vain
from avow.people.models import Account

FORM = "argon2id-peppered$argon2id$v=19$m=19456,t=2,p=1$"  # written out, so that a weaker setting does not pass


def fault(account: Account) -> str | None:
    """Give the account a password in vain; say what is wrong with how it rests or what it opens."""
    password = secrets.token_urlsafe(20)
    account.set_password(password)
    if password in account.password or not account.password.startswith(FORM):
        return "a new password does not rest as argon2id with our parameters, under the pepper"
    if _opens_without_pepper(account.password, password):
        return "a password is hashed without the pepper: a stolen database alone could be guessed at"
    return _fault_at_the_door(account, password)


def _opens_without_pepper(encoded: str, password: str) -> bool:
    try:
        return argon2.PasswordHasher().verify("$" + encoded.split("$", 1)[1], password)
    except argon2.exceptions.VerifyMismatchError:
        return False


def _fault_at_the_door(account: Account, password: str) -> str | None:
    address = f"canary-{secrets.token_hex(8)}@example.invalid"
    with in_vain():
        account.save(update_fields=["password"])
        EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
        if authenticate(None, email=address, password=password + "x") is not None:
            return "a wrong password signs in"
        if authenticate(None, email=address, password=password) != account:
            return "the right password does not sign in"
    return None
