"""
Somebody who is nobody receives everything and is erased, by the very acts that people use.

Why a whole rehearsal and not a look at tables: the promise is about what comes out, and only
going the whole way shows that nothing was left out on it.

Holds:    the canary has an account that nothing opens and a value of its own in every declared
          field. Its requests have the channel `check`, which the desk's lists leave out. If the
          rehearsal breaks, the sweep of unfinished erasures still takes the canary to its end.
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

LOOKS, BETWEEN = 20, 0.2  # while the worker's own push may be at work on the same request
DONE = (State.ERASED, State.COMPLETE)


def plant(now: datetime) -> tuple[UUID, dict[str, str]]:
    """Make a canary with a value that occurs nowhere else in every field that can be read back."""
    person = canary.fresh(now)
    planted = {
        field.name: f"canary-{secrets.token_hex(8)}" for field in catalogue.fields() if field.category not in HASHED
    }
    for name, value in planted.items():
        sealing.put(person, name, value, source=REHEARSAL, now=now)
    return person, planted


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
