"""
Try the second step on the canary, for the live check: a code opens once, no other does, and its seed is not readable.

Holds:    nothing of it remains (`in_vain`), and no session begins.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import is_mfa_enabled

from avow.people import second_step
from avow.people.at_rest import is_readable
from avow.people.in_vain import in_vain
from avow.people.models import Account


def fault(account: Account) -> str | None:
    """Give the account an app in vain; say what is wrong with how it rests or what it opens."""
    seed = generate_totp_secret()
    with in_vain():
        row = TOTP.activate(account, seed).instance
        if is_readable(row.pk, seed):
            return "the seed of an authenticator app lies in clear"
        if second_step.of(account) is None or not is_mfa_enabled(account, [Authenticator.Type.TOTP]):
            return "an authenticator app that was set up is not asked for"
        return _fault_of_codes(Authenticator.objects.get(pk=row.pk).wrap(), seed)


def _fault_of_codes(app: TOTP, seed: str) -> str | None:
    began = next(yield_hotp_counters_from_time())
    codes = [
        format_hotp_value(hotp_value(seed, began + later)) for later in (0, 1)
    ]  # the half minute may end meanwhile
    if app.validate_code(next(other for other in ("000000", "111111", "222222") if other not in codes)):
        return "a wrong code of an authenticator app signs in"
    opened = [code for code in codes if app.validate_code(code)]
    if not opened:
        return "the right code of an authenticator app does not sign in"
    return "a code of an authenticator app signs in twice" if app.validate_code(opened[0]) else None
