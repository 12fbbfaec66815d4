"""People see what they gave, correct it, and from then on the corrected value is the one that is used."""

from datetime import UTC, datetime

import pytest

from avow.communications import sending
from avow.communications.classes import Message, MessageClass
from avow.people import given, new_address, queries, settings_change
from avow.people.ports import Notice
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.VIEW_AND_CORRECT)]


def now():
    return datetime.now(UTC)


def seen(person):
    return {shown.field.name: shown.value for shown in queries.profile(person, now())}


def test_everything_that_was_given_is_seen(ada):
    assert seen(ada.person) == {"email": "ada@example.com", "name": "Ada Lovelace", "phone": "+442079460958"}


@pytest.mark.parametrize(
    ("field", "typed", "kept"), [("name", "Ada King", "Ada King"), ("phone", "+41 44 668 18 00", "+41446681800")]
)
def test_a_correction_is_what_is_read_next_and_what_was_before_stays_visible_to_the_person(ada, field, typed, kept):
    """It bites: without `given.keep` in the act, the first assertion fails."""
    before = seen(ada.person)[field]
    settings_change.change(ada.person, field, typed, now=now())
    assert seen(ada.person)[field] == kept
    assert [past.value for past in queries.history(ada.person, field, now())] == [kept, before]


def test_a_corrected_address_is_where_messages_go(ada):
    settings_change.change(ada.person, "email", "ada@example.org", now=now())
    new_address.confirm(ada.person, ada.newest_code("ada@example.org"), now=now())
    sending.send(
        queries.person_at("ada@example.org"), Message(MessageClass.SECURITY, Notice.PASSWORD_CHANGED), now=now()
    )
    assert ada.box()[0].to == "ada@example.org"


def test_one_person_never_sees_anothers(ada, somebody):
    bob = somebody("bob@example.com").join(name="Bob")
    assert seen(bob.person) == {"email": "bob@example.com", "name": "Bob", "phone": None}


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail(
        "a-correction-replaces-the-old-value", how="the act records a correction and keeps nothing"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(given, "keep", lambda *_, **__: None)
            assert "still shows" in trial.fails()
        trial.holds()
