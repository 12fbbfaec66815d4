"""
What follows when an account was opened, whichever way its person came: keep what was given, record it, let it be known.

Holds:    in the transaction of the account itself; a field that stayed empty leaves no value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from avow.evidence.acts import Act
from avow.people import given, signals
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.vault.attesting import attest


def keep_all(account: Account, cleaned: Mapping[str, Any], *, promise: Promise, now: datetime) -> None:
    """Keep address, name and phone as the form has them."""
    for name in ("email", "name", "phone"):
        if cleaned.get(name):
            given.keep(account.person, name, cleaned[name], source="sign-up", now=now)
    attest(account.person, Act.SIGNED_UP, promise=promise, now=now)
    signals.signed_up.send(Account, person=account.person, now=now)
