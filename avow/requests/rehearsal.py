"""
Somebody who is nobody receives everything and is erased, by the very acts that people use.

Why a whole rehearsal and not a look at tables: the promise is about what comes out, and only
going the whole way shows that nothing was left out on it.

Holds:    the canary has an account that nothing opens and a value of its own in every declared
          field. Its requests have the channel `check`, which the desk's lists leave out. Wherever
          the rehearsal breaks, the canary's erasure is asked for, and the sweep of unfinished
          erasures takes it to its end.
Assumes:  the process lives until then: one that is killed before it leaves a canary that holds nobody's data.
Does not: wait for the log; that part is for the worker, and a late request is seen by its own check.
"""

import io
import secrets
import time
import zipfile
from datetime import datetime
from uuid import UUID

from avow.errors import Erased
from avow.people import canary
from avow.policy.purposes import Purpose
from avow.requests import erasing, exporting
from avow.requests.gathering import HASHED
from avow.requests.queries import REHEARSAL
from avow.requests.states import State
from avow.vault import catalogue, opening, sealing, stores
from avow.vault.actor import SERVICE

LOOKS, BETWEEN = 60, 0.2  # while the worker's own push may be at work on the same request
DONE = (State.ERASED, State.COMPLETE)


def rehearse(now: datetime) -> str | None:
    """Let a canary receive everything and be erased; return what was missing or is left, or None."""
    person, planted = canary.fresh(now), dict[str, str]()
    try:
        planted |= plant(person, now)
        missing = received(person, planted, now)
    finally:
        left = erased(person, planted, now)
    return missing or left


def plant(person: UUID, now: datetime) -> dict[str, str]:
    """Give the canary a value that occurs nowhere else in every field that can be read back."""
    planted = {
        field.name: f"canary-{secrets.token_hex(8)}" for field in catalogue.fields() if field.category not in HASHED
    }
    for name, value in planted.items():
        sealing.put(person, name, value, source=REHEARSAL, now=now)
    return planted


def received(person: UUID, planted: dict[str, str], now: datetime) -> str | None:
    """Export the canary; return what is missing, or None."""
    export = exporting.export(person, now=now, by=SERVICE, channel=REHEARSAL, patience=0)
    with zipfile.ZipFile(io.BytesIO(export.content)) as packed:
        page, fields = packed.read("index.html").decode(), packed.read("data/fields.json").decode()
        given = {name for name in packed.namelist() if name.startswith("data/")}
    for name, value in planted.items():
        if value not in page or value not in fields:
            return f"an export leaves out the field {name}"
    wanted = {f"data/{listed.name}.json" for store in stores.stores() for listed in store.export(person, now=now)}
    return f"an export leaves out {min(wanted - given)}" if wanted - given else None


def erased(person: UUID, planted: dict[str, str], now: datetime) -> str | None:
    """Erase the canary; return what is left, or None."""
    asked = erasing.ask(person, by=SERVICE, now=now, channel=REHEARSAL)
    for _ in range(LOOKS):
        if erasing.push(asked.pk, now=now).state in DONE:
            break
        time.sleep(BETWEEN)
    else:
        return "an erasure does not come to its end"
    for store in stores.stores():
        if store.count(person):
            return f"after an erasure the store {store.name} still holds something"
    return next(
        (f"after an erasure the field {name} still opens" for name in planted if _opens(person, name, now)), None
    )


def _opens(person: UUID, field: str, now: datetime) -> bool:
    try:
        opening.open_field(person, field, Purpose.RIGHTS, by=SERVICE, now=now)
    except Erased:
        return False
    return True
