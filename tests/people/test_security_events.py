"""
An attempt leaves one line of a closed list in the service's log, which names nobody.

It bites: the notes of a wrong password, recovery code and texted code, of a copied passkey, a third party's answer, "not me"
and a refusal were each taken out, and their case here failed (tried). A token shown twice has its test among the logouts,
without its line.
"""

import json
import logging

import pytest
from django.core.cache import cache

from avow.errors import BadInput
from avow.host.logs import Line
from avow.people import not_me, number_sign_up, phone_codes, security_events, settings_change
from avow.people.security_events import Event
from avow.policy.promises import Promise
from tests.people import app
from tests.people.device import SIGN_IN, asked, show
from tests.people.test_numbers import NUMBER, now
from tests.people.test_passkeys import held  # noqa: F401 - a fixture
from tests.people.third_party import enter
from tests.people.walking import PASSWORD

pytestmark = [pytest.mark.proves(Promise.SECURITY_MEASURES)]
TYPED = "a guess that nobody shall read"


@pytest.fixture
def lines(caplog):
    """What was noted since the last look, as the service's log has it."""
    caplog.set_level(logging.WARNING, logger=security_events.log.name)

    def read():
        noted = [Line("web").format(one) for one in caplog.records if one.name == security_events.log.name]
        caplog.clear()
        assert not any(hidden in line for line in noted for hidden in (TYPED, "ada@", "203.0.113", NUMBER))
        return [line.split("security: ")[1] for line in noted]

    return read


def test_a_wrong_password_for_an_account_and_for_none(ada, somebody, lines):
    ada.sign_out()
    ada.sign_in(password=TYPED)
    somebody("nobody@example.com").sign_in(password=TYPED)
    somebody("").sign_in(NUMBER, TYPED)
    assert lines() == [Event.PASSWORD_WRONG] * 3
    ada.sign_in()
    assert lines() == [] and ada.is_signed_in


def test_a_wrong_second_step_and_a_wrong_recovery_code(ada, somebody, lines):
    app.guard(ada.person)
    ada.sign_out()
    ada.sign_in()
    ada.post("/accounts/2fa/authenticate/", code="000000")
    somebody("").post("/recover", number="AAAA AAAA AAAA AAAA", code="0000000000")
    assert lines() == [Event.SECOND_STEP_WRONG, Event.RECOVERY_CODE_WRONG]


def test_a_passkey_that_does_not_fit_and_one_that_was_copied(held, lines):  # noqa: F811
    show(held, held.key)
    held.sign_out()
    lines()
    held.key.count -= 1
    show(held, held.key)
    assert lines() == [Event.PASSKEY_COPIED, Event.PASSKEY_REFUSED]
    held.post(SIGN_IN, credential=json.dumps(held.key.get(asked(held)) | {"id": "AAAA"}))
    assert lines() == [Event.PASSKEY_REFUSED] and not held.is_signed_in


def test_a_wrong_texted_code(ada, lines):
    settings_change.change(ada.person, "phone", NUMBER, now=now())
    phone_codes.begin(ada.person, now=now(), fresh=lambda: "123456")
    ada.post("/data/phone/code", code="654321")
    session = {}
    cache.clear()
    number_sign_up.begin(session, {"phone": "+442079460957", "password1": PASSWORD}, now=now(), fresh=lambda: "123456")
    with pytest.raises(BadInput):
        number_sign_up.finish(session, "654321", now=now())
    assert lines() == [Event.CODE_WRONG] * 2


def test_a_third_partys_answer_that_does_not_fit(somebody, third_party, lines):
    third_party.claims = {"aud": "another"}
    enter(somebody(""))
    assert Event.THIRD_PARTY_REFUSED in lines()


def test_not_me(ada, lines):
    token = not_me.link(ada.person, at=now()).rpartition("/")[2]
    not_me.act(not_me.read(token, now=now()), now=now())
    assert lines() == [Event.NOT_ME]


def test_a_page_that_says_no(ada, lines):
    from avow.people import desk
    from avow.people.desk_roles import Role

    desk.give(ada.person, Role.AUDITOR, now=now())
    app.guard(ada.person)
    ada.post("/desk/policy")
    assert lines() == [f"{Event.REFUSED} (403 desk-policy)"]


def test_every_event_has_a_meaning_and_a_line():
    assert all(event.meaning and event == event.lower() for event in Event)
