"""
Open an account by a phone number and a password, without an e-mail address.

    form: number, password, name  -> waits in the browser's own session, sealed; a code goes to the number
    the code                      -> the account, its recovery codes, and in

Holds:    nothing is written before the code came back but in that session, where the password stands as its hash.
          A number that opens an account already gets a word instead of a code, and the page is the same: no code that
          is typed then is right. A code has three tries, also for two at once, and ten minutes; texts are limited for
          each number and each place. How the message fares is said alike of either.
Assumes:  somebody delivers text messages (`ports.texts`); else nobody is offered this.
Does not: ask for an address. Without one recovery codes alone bring one back in.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.people import enrolment, letter_limits, numbers, opened, phone_codes, ports, security_events
from avow.people.awaited_codes import LASTS
from avow.people.models import Account
from avow.people.ports import Became
from avow.people.security_events import Event
from avow.policy.promises import Promise

WAITING = "number-sign-up"  # its place in the session
GONE = "This code is not valid any more; begin again, and another one is sent."


def begin(
    session: MutableMapping[str, Any],
    given: Mapping[str, str],
    *,
    now: datetime,
    place: str = "",
    fresh: Callable[[], str] = phone_codes.digits,
) -> None:
    """
    Send a code, or a word to whoever has that number here already, and keep what was given in the session.

    `place` is the address from where somebody asks. NotYet after several codes.
    """
    number = given["phone"]
    letter_limits.count_text(None, number, place)
    code, password = fresh(), make_password(given["password1"])
    if numbers.person_of(number) is None:
        message = ports.texts().send_code(code, number=number, person=None, now=now)
    else:
        message = ports.texts().say_registered(number=number, now=now)
    session[WAITING] = {
        "number": number, "name": given.get("name", ""), "password": password, "code": code,
        "id": secrets.token_hex(8), "ends": (now + LASTS).isoformat(), "message": message.hex,
    }  # fmt: skip


def became(session: Mapping[str, Any]) -> Became:
    """Say how the message fares that this browser waits for."""
    message = session[WAITING].get("message")
    return ports.texts().became(UUID(hex=message)) if message else Became.WAITS


def is_waiting(session: Mapping[str, Any], *, now: datetime) -> bool:
    """Say whether a code is awaited in this browser."""
    state = session.get(WAITING)
    return state is not None and now < datetime.fromisoformat(state["ends"])


def finish(session: MutableMapping[str, Any], typed: str, *, now: datetime) -> Account:
    """Take the code and open the account; BadInput when it is another one, NotFound when none is awaited."""
    if not is_waiting(session, now=now) or not letter_limits.count_try(session[WAITING]["id"]):
        session.pop(WAITING, None)
        raise NotFound(GONE)
    state = session[WAITING]
    known = numbers.person_of(state["number"]) is not None
    if not hmac.compare_digest("".join(typed.split()).encode(), state["code"].encode()) or known:
        security_events.note(Event.CODE_WRONG)
        raise BadInput(phone_codes.WRONG)
    del session[WAITING]
    return _open(state, now)


@transaction.atomic
def _open(state: Mapping[str, str], now: datetime) -> Account:
    account = enrolment.open_account(Account(), None, now=now)
    account.password = state["password"]
    account.save(update_fields=["password"])
    given = {"name": state["name"], "phone": state["number"]}
    opened.keep_all(account, given, promise=Promise.GIVEN_DATA, now=now)
    numbers.take(account.person, state["number"], now=now)
    phone_codes.keep_confirmed(account.person, state["number"], now=now)
    return account
