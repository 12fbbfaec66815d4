"""
A function of the company's application asks for one field: with its registered reason, back to its registered address.

It bites: without the application's origin in `form-action`, Chromium stays on the page (tests/stories, tried). Without the signal
in `asking.give` an agent keeps the old number (tried).
"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from avow.people import queries, relying
from avow.people.relying import Feature
from avow.people.signals import field_corrected
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.CHOICE_TO_WITHHOLD)]
WHY = "A technician calls you back about the report."
BACK = "http://127.0.0.1:9/report"
PAGE = "/give/optimibi/report-by-phone"


@pytest.fixture(autouse=True)
def application(house):
    relying.register(
        "optimibi", name="Optimibi", redirect_uris=["http://127.0.0.1:9/back"], secret="s",
        features={"report-by-phone": Feature("phone", WHY, BACK)}, now=datetime.now(UTC),
    )  # fmt: skip


@pytest.fixture
def bo(house):
    from tests.web.conftest import resident

    return resident("bo@example.com")


def phone(person):
    return next(one for one in queries.profile(person, datetime.now(UTC)) if one.field.name == "phone")


def test_it_asks_with_the_registered_reason_and_a_way_out(bo):
    page = bo.get(PAGE, {"reason": "free money", "next": "https://thief.example/"}).content.decode()
    assert WHY in page and "free money" not in page and "thief" not in page
    assert f'<a href="{BACK}">Not now</a>' in page


def test_what_is_given_is_kept_and_leads_back_to_the_application_alone(bo):
    answer = bo.post(
        f"{PAGE}?next=https://thief.example/", {"value": "+44 20 7946 0958", "back": "https://thief.example/"}
    )
    assert answer.headers["Location"] == BACK
    kept = phone(bo.person)
    assert (kept.value, kept.source) == ("+442079460958", "asked for by Optimibi")


def test_what_replaces_an_earlier_number_is_a_correction_that_agents_hear_of(bo):
    heard = []

    def listen(field, **_):
        heard.append(field)

    field_corrected.connect(listen)
    try:
        bo.post(PAGE, {"value": "+44 20 7946 0958"})
        bo.post(PAGE, {"value": "+44 20 7946 0959"})
        bo.post(PAGE, {"value": "+44 20 7946 0959"})
    finally:
        field_corrected.disconnect(listen)
    assert heard == ["phone", "phone"]


@pytest.mark.parametrize("typed", ["12", "call me", ""])
def test_what_is_no_phone_number_comes_back_at_its_field(bo, typed):
    answer = bo.post(PAGE, {"value": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert phone(bo.person).value is None


def test_who_gave_it_already_is_not_asked_again_and_a_second_click_changes_nothing(bo):
    bo.post(PAGE, {"value": "+44 20 7946 0958"})
    assert bo.post(PAGE, {"value": "+44 20 7946 0958"}).headers["Location"] == BACK
    assert len(queries.history(bo.person, "phone", datetime.now(UTC))) == 1
    page = bo.get(PAGE).content.decode()
    assert "You gave one already" in page and "<form" not in page.split("<main")[1]


@pytest.mark.parametrize("path", ["/give/optimibi/unknown", "/give/unknown/report-by-phone"])
def test_what_nobody_registered_does_not_exist(bo, path):
    assert bo.get(path).status_code == 404
    assert bo.post(path, {"value": "+44 20 7946 0958"}).status_code == 404
    assert phone(bo.person).value is None


def test_a_stranger_signs_in_first_and_comes_back_here(house):
    answer = Client().get(PAGE)
    assert answer.headers["Location"] == f"/accounts/login/?next={PAGE}"


def test_a_form_leads_on_to_the_application_and_nowhere_else(bo):
    policy = bo.get(PAGE).headers["Content-Security-Policy"]
    [form_action] = [part for part in policy.split("; ") if part.startswith("form-action")]
    assert form_action == "form-action 'self' http://127.0.0.1:9"
    assert "127.0.0.1:9" not in bo.get("/data").headers["Content-Security-Policy"]
