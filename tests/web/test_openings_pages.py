"""
Openings at the desk, and what their person sees of them.

It bites (tried): without `staff_only` an outsider opens a case; with the law among REASONS one officer alone gets whole
values; a page that looks on GET counts openings that nobody pressed for; `_look` by the service shows what is masked.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from avow.people import desk
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices, opening_cases
from avow.vault.models import OpeningCase, OpeningReason
from tests.people import app
from tests.web.conftest import resident

pytestmark = [pytest.mark.proves(Promise.PURPOSE_LIMIT)]


@pytest.fixture
def grace(house):
    return resident("grace@example.com", name="Grace Hopper", phone="+442079460958")


@pytest.fixture
def other(house):
    """A second officer."""
    client = resident("other@example.com")
    desk.grant("other@example.com", datetime.now(UTC))
    app.guard(client.person)
    return client


def opens(officer, whose, reason="question", reference="2026/113", hours=8):
    said = {"whose": str(whose), "reason": reason, "reference": reference, "hours": hours}
    return officer.post("/desk/openings", said)


@pytest.fixture
def case(grace, officer):
    """A case of the officer for Grace; where it stands."""
    answer = opens(officer, "grace@example.com")
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def text(answer):
    return answer.content.decode()


def test_a_case_is_opened_by_address_or_number_and_ends_on_a_press(grace, officer, case):
    assert opens(officer, grace.person).headers["Location"] == case  # the same officer, person and reason
    listed = text(officer.get("/desk/openings"))
    assert "2026/113" in listed and str(grace.person)[:8] in listed
    for secret in ("Grace", "grace@example.com", "0958"):
        assert secret not in listed
    officer.post(case, {"do": "end"})
    assert "No case stands" in text(officer.get("/desk/openings"))
    assert "Look" not in text(officer.get(case)) and officer.post(case, {"do": "look"}).status_code == 422


def test_a_look_shows_masks_on_a_press_alone_and_is_counted(grace, officer, case):
    for _ in range(2):
        assert "…58" not in text(officer.get(case))
    assert OpeningCase.objects.get().opened == 0
    shown = text(officer.post(case, {"do": "look"}))
    assert "G…" in shown and "g…@e….com" in shown and "…58" in shown
    assert "Hopper" not in shown and "grace@" not in shown and "7946" not in shown
    assert OpeningCase.objects.get().masked == 1
    assert "0 whole, 1 masked, 0 compared" in text(officer.get("/desk/openings"))


def test_what_is_opened_counts_on_the_case_whose_page_it_is(grace, officer, case):
    """It bites: without `case` in the actor the look of a question shows what a correction allows, or counts there."""
    whole = opens(officer, "grace@example.com", reason="correction").headers["Location"]
    assert "G…" in text(officer.post(case, {"do": "look"}))
    assert "Grace Hopper" in text(officer.post(whole, {"do": "look"}))
    counted = OpeningCase.objects.values_list("reason", "whole", "masked").order_by("reason")
    assert list(counted) == [("correction", 1, 0), ("question", 0, 1)]


def test_a_correction_needs_the_whole(grace, officer):
    at = opens(officer, "grace@example.com", reason="correction").headers["Location"]
    assert "Grace Hopper" in text(officer.post(at, {"do": "look"}))
    assert "1 whole, 0 masked, 0 compared" in text(officer.get("/desk/openings"))


def test_a_comparison_says_yes_or_no_five_times(grace, officer, case):
    def asks(given, field="phone"):
        return officer.post(case, {"do": "compare", "field": field, "given": given})

    assert "Yes: that is what is kept" in text(asks("+44 20 7946 0958"))
    assert "No: something else" in text(asks("+44 20 7946 0959"))
    assert "with + and the country" in text(asks("0958")) and asks("0958").status_code == 422
    assert asks("").status_code == 422 and asks("x", field="password").status_code == 422
    for _ in range(3):
        assert asks("+44 20 7946 0959").status_code == 200
    assert "compared 5 times" in text(asks("+44 20 7946 0958"))
    assert "Yes" in text(asks("Grace@Example.com", field="email"))


def test_nobody_else_uses_a_case_or_the_page(grace, officer, other, case):
    assert grace.get("/desk/openings").status_code == 404 == grace.post(case, {"do": "look"}).status_code
    assert Client().get("/desk/openings").status_code == 302
    assert "another officer" in text(other.get(case))
    refused = other.post(case, {"do": "look"})
    assert refused.status_code == 422 and "Open a case for this person first" in text(refused)


def test_an_officer_has_no_case_on_themselves_and_sees_none_on_them(officer, other):
    assert "oneself" in text(opens(officer, "ada@example.com"))
    at = opens(other, "ada@example.com", reference="2026/114").headers["Location"]
    assert "2026/114" not in text(officer.get("/desk/openings")) and officer.get(at).status_code == 404
    assert "Somebody of the company" in text(officer.get("/data"))


WRONG = [
    ({"reason": "law"}, "law is not one of the available choices"),
    ({"reason": ""}, "required"),
    ({"hours": 25}, "less than or equal to 24"),
    ({"hours": 0}, "greater than or equal to 1"),
    ({"reference": "Grace"}, "file number"),
    ({"whose": "nobody@example.com"}, "no account with this address"),
    ({"whose": "00000000-0000-4000-8000-000000000000"}, "Nobody here has this number"),
]


def test_a_wrong_case_is_said_so_and_none_is_made(grace, officer):
    for wrong, says in WRONG:
        answer = opens(officer, **{"whose": "grace@example.com", **wrong})
        assert (answer.status_code, says in text(answer)) == (422, True), wrong
    assert not OpeningCase.objects.exists()


def test_its_person_reads_who_looked_and_not_the_officers_own_words(grace, officer, case):
    assert "Nobody of the company has opened your data" in text(officer.get("/data"))
    officer.post(case, {"do": "look"})
    seen = text(grace.get("/data"))
    assert "Somebody of the company" in seen and "a question that came another way" in seen
    assert "0 whole, 1 masked, 0 compared" in seen
    assert "2026/113" not in seen and str(officer.person) not in seen


def test_taking_up_a_letter_shows_at_the_desk_and_to_its_person(grace, officer):
    from avow.requests import cases

    asked = cases.ask(grace.person, "How long is a report kept?", now=datetime.now(UTC))
    officer.get(f"/desk/case/{asked.number}")
    assert asked.number in text(officer.get("/desk/openings"))
    assert "a request or letter from the person" in text(grace.get("/data"))


def test_what_was_refused_stands_with_its_sentence(grace, officer, case):
    from avow.errors import PurposeRefused
    from avow.vault import opening
    from avow.vault.actor import SERVICE

    now = datetime.now(UTC)
    assert "Nothing was refused" in text(officer.get("/desk/openings"))
    for _ in range(3):
        with pytest.raises(PurposeRefused):
            opening.open_field(grace.person, "phone", Purpose.ANALYSIS, by=SERVICE, now=now)
    shown = text(officer.get("/desk/openings"))
    assert "Phone number: 3 refused" in shown and "analyse how the service is used" in shown
    assert 'href="/policy#' in shown.split('id="refused"')[1]


def test_what_one_allowed_stands_with_its_end(grace):
    now = datetime.now(UTC)
    choices.grant(grace.person, Purpose.IMPROVEMENT, now=now - timedelta(days=800))
    seen = text(grace.get("/data"))
    assert "What you allowed" in seen and "ended <time" in seen
    choices.grant(grace.person, Purpose.IMPROVEMENT, now=now)
    assert "unless you take it back" in text(grace.get("/data"))


def test_every_reason_has_its_words():
    assert all(reason.label and OpeningReason(reason.value) is reason for reason in OpeningReason)
    assert set(opening_cases.PURPOSES) == set(OpeningReason)
