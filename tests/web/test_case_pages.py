"""
The pages of cases: one's own, the desk's, the public form, and the demo's mail form.

Meant to bite: without `staff_only` an outsider reads a case; without `of_person` one person adds to another's; a list that
opened threads would name Grace (not tried yet).
"""

from datetime import UTC, datetime

import pytest

from avow.requests import cases, taking_up
from avow.requests.models import Case
from tests.web.conftest import resident


@pytest.fixture
def client():
    from django.test import Client

    return Client()


@pytest.fixture
def grace(house):
    client = resident("grace@example.com", name="Grace Hopper")
    client.case = cases.ask(client.person, "How long is a report kept?", now=datetime.now(UTC))
    return client


def test_ones_own_cases_with_what_was_said(grace):
    text = grace.get("/requests").content.decode()
    assert grace.case.number in text and "How long is a report kept?" in text


def test_another_person_neither_sees_nor_adds(grace, ada):
    assert grace.case.number not in ada.get("/requests").content.decode()
    assert ada.post(f"/requests/{grace.case.number}/reply", {"text": "Hm"}).status_code == 404
    assert ada.get(f"/desk/case/{grace.case.number}").status_code == 404


def test_the_desk_lists_no_name_and_opens_one_case(grace, officer):
    listed = officer.get("/desk/cases").content.decode()
    assert grace.case.number in listed
    for secret in ("Grace", "grace", "How long", str(grace.person)):
        assert secret not in listed
    assert "How long is a report kept?" in officer.get(f"/desk/case/{grace.case.number}").content.decode()


def test_an_officers_answer_and_close(grace, officer):
    at = f"/desk/case/{grace.case.number}"
    officer.post(at, {"do": "close"})
    assert Case.objects.get().state == "desk", "not before it was answered"
    assert officer.post(at, {"do": "answer", "text": " "}).status_code == 422
    officer.post(at, {"do": "answer", "text": "For a year."})
    officer.post(at, {"do": "close"})
    assert Case.objects.get().outcome == "answered"
    assert "For a year." in grace.get("/requests").content.decode()
    again = officer.post(at, {"do": "answer", "text": "More."}, follow=True).content.decode()
    assert "This case is closed" in again


def test_a_reply_to_a_closed_case_says_what_it_became(grace, officer):
    at = f"/desk/case/{grace.case.number}"
    officer.post(at, {"do": "answer", "text": "For a year.", "last": "1"})
    said = grace.post(f"/requests/{grace.case.number}/reply", {"text": "Why?"}, follow=True).content.decode()
    assert "That case was closed" in said
    assert Case.objects.count() == 2
    assert (
        "Nothing was written"
        in grace.post(f"/requests/{grace.case.number}/reply", {"text": ""}, follow=True).content.decode()
    )


@pytest.mark.parametrize("address", ["", "nonsense", "a@b@", "x" * 300 + "@example.com"])
def test_a_wrong_address_is_said_so_and_nothing_is_kept(house, client, address):
    from avow.communications.models import Incoming

    assert client.post("/questions", {"address": address, "text": "Why?"}).status_code == 422
    assert not Incoming.objects.exists()


def test_the_mail_form_stands_in_the_demo_alone(house, client, monkeypatch):
    from django.conf import settings

    assert client.get("/demo/write").status_code == 404
    monkeypatch.setattr(settings, "DEMO", True)
    assert client.get("/demo/write").status_code == 200
    sent = client.post("/demo/write", {"address": "eve@example.com", "subject": "Hm", "text": "Why?\nReally?"})
    assert sent.headers["Location"] == "/demo/mail"
    taking_up.take_up(datetime.now(UTC))
    assert Case.objects.get().kind == "question"


def test_a_form_cannot_forge_a_header(house, client, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "DEMO", True)
    client.post("/demo/write", {"address": "eve@example.com", "subject": "x\r\nFrom: ada@example.com", "text": "Why?"})
    taking_up.take_up(datetime.now(UTC))
    assert Case.objects.get().person is None


@pytest.mark.parametrize("number", ["0000-0000-0000", "x", "confirm"])
def test_there_is_no_case_by_another_number(officer, number):
    assert officer.get(f"/desk/case/{number}").status_code == 404


def test_a_link_that_never_was_has_a_clear_end(house, client):
    page = client.get("/requests/confirm/" + "0" * 32)
    assert page.status_code == 404 and "newest mail" in page.content.decode()
    assert client.post("/requests/confirm/" + "0" * 32).status_code == 404
