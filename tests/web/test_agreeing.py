"""
The question about what somebody gave under an older text: asked once there is something to ask, and taken back as shortly.

It bites: an agreement to a text that was never accepted, a question that forgets what older texts allowed (both tried).
"""

from datetime import UTC, datetime

import pytest
from django.test import override_settings

from avow.evidence import versions
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import accepting, attesting, choices, gate
from tests.usage.test_a_persons_side import dropped_and_taken_up_again

pytestmark = [pytest.mark.proves(Promise.USE_UNDER_VERSION)]
ASKED = "May what you gave before be used for more?"


def now():
    return datetime.now(UTC)


@pytest.fixture
def widened(house, ada):
    """Ada, who accepted a text that takes up again what one before it dropped."""
    first = versions.all_versions()[0]
    again = dropped_and_taken_up_again(Purpose.PERSONALISATION)
    accepting.accept(ada.person, again.sha256, now=now())
    return first, again


def may(ada, text):
    return gate.Rules(now()).permit("letter", text.sha256, Purpose.PERSONALISATION, choices.of(ada.person, now=now()))


def test_it_is_asked_and_what_was_given_before_waits_for_the_answer(widened, ada):
    first, again = widened
    page = ada.get("/data").content.decode()
    assert ASKED in page and again.sha256 in page and "Take it back" not in page
    assert may(ada, again) and not may(ada, first)
    page = ada.post("/data/agree", {"version": again.sha256, "say": "yes"}, follow=True).content.decode()
    assert may(ada, first) and ASKED not in page and "Take it back" in page
    page = ada.post("/data/agree", {"say": "no"}, follow=True).content.decode()
    assert may(ada, again) and not may(ada, first) and ASKED in page
    acts = [one.act for one in attesting.acts_of(ada.person)]
    assert acts.count("version.agreed") == acts.count("version.agreement-withdrawn") == 1
    assert "You took back that a newer text goes for what you gave" in ada.get("/history").content.decode()


def test_nothing_is_asked_where_nothing_is_added_or_use_is_enough(house, ada, widened):
    with override_settings(OLD_DATA_ASKS=False):
        assert ASKED not in ada.get("/data").content.decode()
        assert may(ada, widened[0])


def test_nobody_is_asked_under_the_text_that_they_came_under(house, ada):
    assert ASKED not in ada.get("/data").content.decode()


@pytest.mark.parametrize("said", ["", "nonsense", "\ud800", "0" * 64, "unaccepted"])
def test_only_a_text_that_governs_them_can_be_agreed_to(house, ada, said):
    again = dropped_and_taken_up_again(Purpose.PERSONALISATION)
    version = again.sha256 if said == "unaccepted" else said.encode(errors="replace")
    page = ada.post("/data/agree", {"version": version, "say": "yes"}, follow=True).content.decode()
    assert "go on with the service first" in page
    assert "version.agreed" not in [one.act for one in attesting.acts_of(ada.person)]
