"""
A number is confirmed by a code to it, once, within ten minutes and three tries; another number is another number.

It bites: each was tried. Without `_spend_a_try` guessing does not end; with a confirmation that is a mark and not the
number, a corrected number counts as confirmed; without `_count` somebody's phone is flooded.
"""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from avow.errors import BadInput, NotFound, Unavailable
from avow.evidence.acts import Act
from avow.people import deletion, phone_codes, ports, settings_change
from avow.people.letter_limits import TooManyCodes
from avow.people.models import ConfirmedPhone, PhoneCode
from avow.people.stores import AccountStore
from avow.policy.promises import Promise
from avow.vault import attesting

pytestmark = [pytest.mark.proves(Promise.GIVEN_DATA, Promise.VIEW_AND_CORRECT)]
NUMBER = "+442079460958"


def now():
    return datetime.now(UTC)


def sent(box):
    return re.search(r"^    (\d{6})$", box(NUMBER)[0].text, re.MULTILINE)[1]


def test_it_is_confirmed_from_the_page_and_the_number_is_what_counts(ada, box):
    assert "Not confirmed." in ada.get("/data").content.decode()
    assert ada.post("/data/phone/send").headers["Location"] == "/data/phone/code"
    assert "Enter the code" in ada.get("/data/phone/code").content.decode()
    code = sent(box)
    assert ada.post("/data/phone/code", code="12").status_code == 422
    assert ada.post("/data/phone/code", code=f" {code[:3]} {code[3:]} ").headers["Location"] == "/data"
    page = ada.get("/data").content.decode()
    assert "The number is confirmed." in page and "Confirmed by a code" in page and "Not confirmed" not in page
    assert Act.PHONE_VERIFIED in [one.act for one in attesting.acts_of(ada.person)]
    settings_change.change(ada.person, "phone", "+44 20 7946 0000", now=now())
    assert "Not confirmed." in ada.get("/data").content.decode()
    settings_change.change(ada.person, "phone", NUMBER, now=now())
    assert "Confirmed by a code" in ada.get("/data").content.decode(), "it is the number that was confirmed"


def test_a_code_is_for_the_number_that_it_went_to(ada, box):
    phone_codes.begin(ada.person, now=now())
    code = sent(box)
    settings_change.change(ada.person, "phone", "+44 20 7946 0000", now=now())
    with pytest.raises(NotFound):
        phone_codes.confirm(ada.person, code, now=now())
    assert not ConfirmedPhone.objects.exists()


def test_three_wrong_ones_end_it_and_so_do_ten_minutes_and_a_newer_one(ada, box):
    at = now()
    phone_codes.begin(ada.person, now=at, fresh=lambda: "111111")
    for _ in range(3):
        with pytest.raises(BadInput):
            phone_codes.confirm(ada.person, "222222", now=at)
    with pytest.raises(NotFound):
        phone_codes.confirm(ada.person, "111111", now=at)
    phone_codes.begin(ada.person, now=at, fresh=lambda: "333333")
    with pytest.raises(NotFound):
        phone_codes.confirm(ada.person, "333333", now=at + timedelta(minutes=10))
    assert phone_codes.clear_expired(at + timedelta(minutes=10)) == 1
    phone_codes.begin(ada.person, now=at, fresh=lambda: "444444")
    phone_codes.confirm(ada.person, "444444", now=at)
    with pytest.raises(NotFound):
        phone_codes.confirm(ada.person, "444444", now=at)


def test_nobody_s_phone_is_flooded(ada, somebody):
    """By one person, or by many who give the same number."""
    for _ in range(3):
        phone_codes.begin(ada.person, now=now())
    with pytest.raises(TooManyCodes):
        phone_codes.begin(ada.person, now=now())
    eve = somebody("eve@example.com").join(phone=NUMBER)  # making her cleared the counts
    cache.clear()
    for person in (ada, eve, ada):
        phone_codes.begin(person.person, now=now())
    with pytest.raises(TooManyCodes):
        phone_codes.begin(eve.person, now=now())
    assert "wait ten minutes" in (eve.post("/data/phone/send"), eve.get("/data"))[1].content.decode()


def test_without_a_number_or_a_way_to_send_nobody_is_asked(somebody, ada, settings_of):
    bob = somebody("bob@example.com").join()
    with pytest.raises(NotFound):
        phone_codes.begin(bob.person, now=now())
    settings_of(MAIL_RELAY="smtp://127.0.0.1:9")
    assert not ports.texts().can_send() and "Not confirmed." not in ada.get("/data").content.decode()
    with pytest.raises(Unavailable):
        phone_codes.begin(ada.person, now=now())
    assert not PhoneCode.objects.exists(), "nothing is awaited that never went"
    assert ada.post("/data/phone/send").headers["Location"] == "/data"


def test_nothing_of_it_lies_in_clear_it_is_exported_and_goes_with_the_person(ada, every_byte, box):
    phone_codes.begin(ada.person, now=now(), fresh=lambda: "840184")
    assert "840184" not in every_byte() and NUMBER not in every_byte()
    phone_codes.confirm(ada.person, "840184", now=now())
    assert NUMBER not in every_byte()
    exported = {part.name: part.rows for part in AccountStore().export(ada.person, now=now())}
    assert len(exported["phone-confirmed"]) == 1
    deletion.close(ada.person, request=uuid4(), now=now())
    assert not ConfirmedPhone.objects.exists() and not PhoneCode.objects.exists()


def test_an_application_is_told_whether_it_was_confirmed(ada):
    from avow.people.models import Account
    from avow.people.provider import TOLD

    account = Account.objects.get(person=ada.person)
    assert TOLD["phone"](account) == {"phone_number": NUMBER, "phone_number_verified": False}
    phone_codes.begin(ada.person, now=now(), fresh=lambda: "111111")
    phone_codes.confirm(ada.person, "111111", now=now())
    assert TOLD["phone"](account)["phone_number_verified"] is True


@given(st.data())
def test_a_code_has_six_digits(data):
    assert re.fullmatch(r"\d{6}", phone_codes.digits())


def test_strangers_are_led_to_the_sign_in(somebody):
    eve = somebody("eve@example.com")
    for path in ("/data/phone/code",):
        assert "/accounts/login/" in eve.get(path).headers["Location"]
    assert "/accounts/login/" in eve.post("/data/phone/send").headers["Location"]
