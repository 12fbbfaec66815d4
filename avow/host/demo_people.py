"""
People of the demo: three who signed up, and two officers who may use the desk, since some acts there need two.

Why through the same acts as real ones: the demo then shows what the service does, with
keys, log entries and all, and not a picture of it.

Holds:    filled once in the life of a home, so that whoever is erased stays erased; a
          crash half-way is finished at the next start. Their addresses cannot exist
          (RFC 2606), their phone numbers are kept for fiction.
Does not: run where real people are: neither with DEMO=0 nor with a mail relay.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from avow.communications import demo_box
from avow.errors import NotFound
from avow.keyring.secret import named_secret
from avow.people import desk, enrolment, given, new_address, queries

PEOPLE = (
    ("Ada Palmer", "ada@example.com", "+44 7700 900123"),
    ("Bo Lindqvist", "bo@example.com", ""),
    ("Chiara Neri", "chiara@example.com", "+1 202 555 0143"),
)
OFFICER = ("Olu Privacy", "officer@example.com", "")
SECOND = ("Ines Privacy", "second-officer@example.com", "")
Account: Any = get_user_model()


def password() -> str:
    """Return the demo's password, the same for all of them and another in each home."""
    derived = hmac.digest(named_secret(settings.KEYRING_FOLDER, "demo"), b"avow demo password", hashlib.sha256)
    letters = base64.b32encode(derived).decode().lower()
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def fill_once(now: datetime) -> str:
    """Add them unless this home has had them; return who was added, or nothing."""
    filled = settings.HOME.root / "demo-filled"
    if filled.exists() or not demo_box.is_open():
        return ""
    for who in (*PEOPLE, OFFICER, SECOND):
        if queries.person_at(who[1]) is None:
            add(*who, now=now)
    for _, address, _ in (OFFICER, SECOND):
        desk.grant(address, now)
    filled.write_text(now.isoformat())
    return ", ".join(name for name, *_ in (*PEOPLE, OFFICER, SECOND))


@transaction.atomic
def add(name: str, address: str, phone: str, *, now: datetime) -> None:
    """Open one account, with the address confirmed."""
    account = enrolment.open_account(Account(), password(), now=now)
    new_address.exchange(account.person, address, now=now)
    for field, value in (("name", name), ("phone", phone)):
        if value:
            given.keep(account.person, field, given.in_form(field, value), source="sign-up", now=now)


def how_to_sign_in() -> str:
    """Say how to try it out; raise NotFound where there is no demo."""
    if not demo_box.is_open():
        raise NotFound("This is no demo: a mail relay is set, or DEMO=0. Real people sign up by themselves.")
    return f"Demo: sign in as {PEOPLE[0][1]}, or as {OFFICER[1]} for the desk, with the password {password()}"
