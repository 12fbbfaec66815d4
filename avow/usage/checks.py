"""
Live checks of collecting and of personalisation; each goes through the very acts, on a canary, in a place of its own.

Holds:    what a check writes is rolled back in both databases and removed from the disk: no canary is ever in the lake.
"""

import base64
import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from avow.errors import BadInput
from avow.people import tickets
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.policy.purposes import Purpose
from avow.usage import choosing, collecting, compacting, contexts, cookies, declared, personalising, places, recorded
from avow.usage.places import Place
from avow.usage.receiving import Received, Sender
from avow.usage.spool import Spool
from avow.usage.wire import frame_bytes
from avow.vault import enrolment, governing
from avow.vault.enrolment import PersonKind


@watches(Promise.COLLECTED_DATA, every=timedelta(minutes=5))
def what_is_recorded_is_declared(now: datetime) -> str | None:
    """Send what nobody declared, which must be left out, and a canary's event: found in its export, in no raw byte."""
    planted = {
        "ip": f"192.0.2.{secrets.randbelow(200) + 20}",
        "device": f"canary-device-{secrets.token_hex(6)}",
        "cookie": cookies.fresh(),
        "agent": f"CanaryBrowser/{secrets.token_hex(6)}",
    }
    if undeclared := _drops(planted, now):
        return undeclared
    with _elsewhere() as place, in_vain():
        person = enrolment.enrol(kind=PersonKind.SUBJECT, now=now)
        ticket = tickets.issue(person, now=now)
        if on_its_way := _collect(place, _batch(ticket, planted), planted, now):
            return on_its_way
        compacting.compact(place, now=now)
        if shown := _visible(place, [*planted.values(), ticket, str(person), person.hex]):
            return f"the lake shows {shown} in clear"
        return _exported(place, person, planted, now)


@watches(Promise.PERSONALISATION_CHOICE, every=timedelta(minutes=5))
def personalisation_off_is_off(now: datetime) -> str | None:
    """Let a canary have habits: its home page must follow them, and after switching off be anybody's, byte for byte."""
    with _elsewhere() as place, in_vain():
        person = enrolment.enrol(kind=PersonKind.SUBJECT, now=now)
        ticket = tickets.issue(person, now=now)
        for _ in range(3):
            _collect(place, _batch(ticket, {}), {}, now)
        compacting.compact(place, now=now)
        home = partial(personalising.home, now=now, off_url="/recorded", place=place)
        if Purpose.PERSONALISATION in governing.in_force(now).bound.purposes and not home(person)["personalised"]:
            return "a person's own use does not come to their home page"
        choosing.personalise(person, on=False, now=now)
        off, nobodys = home(person), home(None)
        return None if json.dumps(off) == json.dumps(nobodys) else "switched off, the home page still differs"


@contextmanager
def _elsewhere() -> Iterator[Place]:
    """Give a place of its own beside the installation's, removed at the end."""
    beside = places.here().make()
    with tempfile.TemporaryDirectory(dir=beside.root, prefix="check-") as folder:
        yield Place(Path(folder), Path(folder) / "keys").make()


def _batch(ticket: str, sent: dict[str, str], **more: object) -> dict[str, object]:
    visitor = {name: sent[name] for name in ("ip", "agent", "cookie") if name in sent}
    event = {"kind": "page", "page": "/canary", **more}
    visit = {"ticket": ticket or None, "device": sent.get("device"), "visitor": visitor, "events": [event]}
    return {"batch": secrets.token_hex(16), "visits": [visit]}


def _drops(planted: dict[str, str], now: datetime) -> str | None:
    """Send two properties that nobody declared; the rest must be kept, and of these nothing but their number."""
    odd = f"canary-odd-{secrets.token_hex(6)}"
    batch = {**_batch("", planted, shoe_size=odd), "shoe_size": odd}
    try:
        frame = _admitted(batch, now).frame
    except BadInput:
        return "an event is refused for a property that nobody declared"
    if odd.encode() in frame_bytes(frame):
        return "an undeclared property is kept"
    return None if sum(frame.dropped.values()) == 2 else "undeclared properties are not counted"  # noqa: PLR2004


def _admitted(batch: dict[str, object], now: datetime) -> Received:
    """Return what is kept of a batch, its page by rule of thumb: no site lists the canary's."""
    by = replace(declared.here(), pages=None)
    return collecting.admit(json.dumps(batch).encode(), Sender(is_host=True), now=now, by=by)


def _collect(place: Place, batch: dict[str, object], planted: dict[str, str], now: datetime) -> str | None:
    """Keep a batch as the collector does, and look at the spool as a thief would."""
    received = _admitted(batch, now)
    spool = Spool(place)
    spool.put(frame_bytes(received.frame)).result(timeout=15)
    spool.stop()
    shown = _visible(place, list(planted.values()))
    return f"the spool shows {shown} in clear" if shown else None


def _visible(place: Place, values: list[str]) -> str | None:
    """Return what kind of planted value stands readable in a file, in any of the common encodings."""
    content = b"\n".join(path.read_bytes() for path in place.root.rglob("*") if path.is_file()).lower()
    for value in values:
        plain = value.lower().encode()
        coded = (
            plain,
            plain.hex().encode(),
            base64.b64encode(value.encode()).rstrip(b"=").lower(),
            value.encode("utf-16-le").lower(),
        )
        if any(form in content for form in coded):
            return "what was planted"
    return None


def _exported(place: Place, person: UUID, planted: dict[str, str], now: datetime) -> str | None:
    found = recorded.events(person, Purpose.RIGHTS, now=now, place=place)
    if len(found) != 1:
        return "a person's export does not have what was recorded"
    shown = {**planted, "cookie": cookies.fingerprint(cookies.read(planted["cookie"]) or b"")}
    named = {name: value for name, value in shown.items() if name in contexts.named(now)}
    return None if found[0].sent == named else "what was sent along is not what the export shows"
