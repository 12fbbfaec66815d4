"""
Having a number is no leave to use it: its person allows that apart, takes it back, and it ends with the number.

It bites: each was tried. Without `asks` in the catalogue, or without the gate's look at it, the number opens at once; without
the receiver the yes outlives the number; with `granted_for` read as any grant, a yes to one field opens another.
"""

from datetime import UTC, datetime, timedelta

import pytest

from avow.errors import BadInput, PurposeRefused
from avow.evidence.acts import Act
from avow.people import phone_trial, phone_use, settings_change
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import attesting, choices
from avow.vault.actor import SERVICE
from avow.vault.opening import open_field

pytestmark = [pytest.mark.proves(Promise.CONTACT_LIMIT, Promise.PURPOSE_LIMIT)]
NUMBER = "+442079460958"


def now():
    return datetime.now(UTC)


@pytest.fixture
def held(somebody):
    ada = somebody("ada@example.com").join()
    settings_change.change(ada.person, "phone", NUMBER, now=now())
    return ada


def used(person, at=None, field="phone"):
    try:
        return open_field(person, field, Purpose.COMMUNICATION, by=SERVICE, now=at or now())
    except PurposeRefused:
        return None


def test_it_is_allowed_and_taken_back_on_the_page(held):
    page = held.get("/data").content.decode()
    assert "is no leave to use it" in page and used(held.person) is None
    assert used(held.person, field="email") == held.address, "the address asks for no yes of its own"
    assert open_field(held.person, "phone", Purpose.ACCOUNT, by=SERVICE, now=now()) == NUMBER
    held.post("/data/phone/use", on="yes")
    assert "You allowed us to call or text" in held.get("/data").content.decode() and used(held.person) == NUMBER
    held.post("/data/phone/use", on="yes")
    held.post("/data/phone/use", on="no")
    assert used(held.person) is None
    acts = [one.act for one in attesting.acts_of(held.person)]
    assert acts.count(Act.PURPOSE_GRANTED) == acts.count(Act.GRANT_WITHDRAWN) == 1
    shown = held.get("/data").content.decode()
    assert "by your phone" in shown and "taken back" in shown


def test_it_ends_with_the_number_and_by_itself_after_two_years(held):
    phone_use.allow(held.person, on=True, now=now())
    assert used(held.person, now() + timedelta(days=729)) == NUMBER
    assert used(held.person, now() + timedelta(days=731)) is None
    settings_change.change(held.person, "phone", "+442079460959", now=now())
    assert used(held.person) is None and not phone_use.is_allowed(held.person, now=now())
    settings_change.change(held.person, "phone", "", now=now())
    with pytest.raises(BadInput):
        phone_use.allow(held.person, on=True, now=now())
    assert held.post("/data/phone/use", on="yes").headers["Location"] == "/data"


def test_a_yes_to_another_field_or_to_everything_is_no_yes_to_the_phone(held):
    choices.grant(held.person, Purpose.COMMUNICATION, field="name", now=now())
    choices.grant(held.person, Purpose.COMMUNICATION, now=now())
    assert used(held.person) is None


def test_an_objection_and_rest_go_before_the_yes(held):
    phone_use.allow(held.person, on=True, now=now())
    choices.object_to(held.person, Purpose.COMMUNICATION, now=now())
    assert used(held.person) is None
    choices.withdraw_objection(held.person, Purpose.COMMUNICATION, now=now())
    choices.freeze(held.person, now=now())
    assert used(held.person) is None


def test_strangers_say_nothing_for_anybody(held, somebody):
    eve = somebody("eve@example.com")
    assert "/accounts/login/" in eve.post("/data/phone/use", on="yes").headers["Location"]
    assert held.get("/data/phone/use").status_code == 405
    assert used(held.person) is None


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    from avow.vault import catalogue

    with shown_to_fail(
        "a-number-is-used-only-with-its-own-yes",
        how="the phone asks for no yes, a yes is not kept, or taking it back does nothing",
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            field = catalogue.FIELDS["phone"]
            broken.setitem(catalogue.FIELDS, "phone", type(field)(**{**vars(field), "asks": frozenset()}))
            assert "never allowed it" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(phone_trial.phone_use.choices, "grant", lambda *given, **named: None)
            assert "may not be used" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(phone_trial.phone_use, "_take_back", lambda *given: None)
            assert "took that back" in trial.fails()
        trial.holds()
