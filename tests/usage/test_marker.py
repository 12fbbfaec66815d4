"""
The marker visitor: after a visit with and without account, in the spool, in the lake and after forgetting, none of address,
cookie, device, user agent and ticket rests readable, in any file under AVOW_HOME/usage or keys, nor in either database.

Each search first finds what it looks for, planted.
"""

import base64
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import pytest

from avow.people import tickets
from avow.policy.promises import Promise
from avow.usage.stores import UsageStore
from avow.vault import enrolment
from tests.usage.conftest import batch

pytestmark = [pytest.mark.proves(Promise.COLLECTED_DATA, Promise.DE_IDENTIFY)]
IP, DEVICE, AGENT = "203.0.113.201", "marker-device-5150", "MarkerAgent/7.31 (Quixotic; OS)"


def now():
    return datetime.now(UTC)


def forms(value):
    """A value in the encodings that software commonly writes."""
    raw = value.encode()
    packed = bytes(int(part) for part in value.split(".")) if value == IP else raw
    shifted = [base64.b64encode(b"x" * n + raw)[4 if n else 0 : -4] for n in range(3)]
    return {
        raw,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        value.encode("utf-16-le"),
        quote(value).encode(),
        *shifted,
    } | ({packed.hex().encode()} if value == IP else set())


@pytest.fixture
def found(place, every_byte):
    def search(values, *, databases=True):
        files = [path for root in (place.root, place.keys) for path in root.rglob("*") if path.is_file()]
        everything = b"\n".join(path.read_bytes() for path in files)
        everything += every_byte().encode("latin-1", "replace") if databases else b""
        return {value for value in values if any(form in everything for form in forms(value))}

    return search


def test_nothing_of_a_visitor_rests_readable(collect, compact, place, found, superuser):
    person = enrolment.enrol(now=now())
    ticket = tickets.issue(person, now=now())
    marks = [IP, DEVICE, AGENT, ticket]
    for value in marks:
        for at, form in enumerate(forms(value)):
            (planted := place.lake / f"planted-{at}").write_bytes(b"\x00before" + form + b"after\xff")
            assert found([value], databases=False) == {value}
            planted.unlink()
    told = {"ip": IP, "user_agent": AGENT}
    collect(batch("/reports/sales", ticket=ticket, device=DEVICE), **told)
    marks.append(collect(batch("/reports/sales", device=DEVICE), **told).cookie)
    assert list(place.spool.glob("*.open")) and found(marks) == set()  # on its way
    compact()
    assert found(marks) == set()  # in the lake
    [shown] = UsageStore().export(person, now=now())
    assert shown.rows[0]["IP address"] == IP and shown.rows[0]["device"] == DEVICE  # and yet it is there
    UsageStore().forget(person, request=uuid4(), now=now())
    assert found(marks) == set()
