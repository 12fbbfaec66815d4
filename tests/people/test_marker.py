"""
The marker person: after somebody used everything of accounts and messages, nothing of them rests in clear.

Each search first finds what it looks for, planted in a table of its own: text, and bytes that COPY writes as hex.
"""

from datetime import UTC, datetime

import pytest

from avow.people import new_address, settings_change
from tests.people.walking import IP, PASSWORD

ADDRESS, NEW, NAME, PHONE = "marker.person@example.com", "marker.anew@example.org", "Marker Surname", "+442079460958"
MARKS = (
    "marker.person",
    "marker.anew",
    "Marker",
    "Surname",
    "Corrected",
    "2079460958",
    IP,
    "MarkerBrowser",
    PASSWORD,
    "quite-another",
)


def now():
    return datetime.now(UTC)


@pytest.fixture
def marks_found(every_byte):
    return lambda: {mark for mark in MARKS if mark.lower() in every_byte().lower()}


def test_the_search_can_find(policy, superuser, marks_found):
    assert marks_found() == set()
    with superuser() as thief:
        thief.execute("CREATE TABLE planted (clear text, bytes bytea)")
        try:
            for mark in MARKS:
                thief.execute("INSERT INTO planted VALUES (%s, NULL)", [f"before {mark} after"])
            assert marks_found() == set(MARKS)
            thief.execute("DELETE FROM planted")
            for mark in MARKS:
                thief.execute("INSERT INTO planted VALUES (NULL, %s)", [b"\x00\xff" + mark.encode()])
            assert marks_found() == set(MARKS)
        finally:
            thief.execute("DROP TABLE planted")


def test_an_unfinished_sign_up_leaves_neither_address_nor_code(somebody, every_byte, marks_found):
    marker = somebody(ADDRESS)
    marker.sign_up(name=NAME, phone=PHONE)
    code = marker.newest_code()
    assert marks_found() == set()
    assert code not in every_byte()
    assert code.replace("-", "") not in every_byte()


def test_somebody_who_used_everything_rests_nowhere_in_clear(somebody, marks_found):
    marker = somebody(ADDRESS)
    marker.sign_up(name=NAME, phone=PHONE)
    marker.enter("WRONG-ONE")
    marker.enter(marker.newest_code())
    person = marker.person
    marker.sign_out()
    marker.sign_in(password="not the password at all")
    marker.sign_in()
    assert marker.is_signed_in
    settings_change.change(person, "name", "Marker Corrected", now=now())
    settings_change.change(person, "phone", "", now=now())
    settings_change.change(person, "email", NEW, now=now())
    assert marks_found() == set()  # with a new address waiting
    new_address.confirm(person, marker.newest_code(NEW), now=now())
    marker.post(
        "/accounts/password/change/",
        oldpassword=PASSWORD,
        password1="a quite-another phrase",
        password2="a quite-another phrase",
    )
    marker.get("/accounts/email/")
    marker.post("/accounts/password/reset/", email=NEW)
    marker.post("/accounts/password/reset/", email="marker.stranger@example.com")
    somebody(NEW).sign_up(name=NAME)  # a second sign-up with a known address
    assert marks_found() == set()
