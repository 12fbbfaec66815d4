"""
The centre: values first, corrected at their own field, hostile values shown and not run, nothing without signing in.

It bites: leaving `login_required` off a view, or `|safe` on a value, fails here (tried).
"""

import io
import zipfile

import pytest
from django.test import Client
from django.utils.html import escape

from tests.web.conftest import PASSWORD, resident

DOORS = ["/data", "/messages", "/delete", "/data/email/code"]
HOSTILE = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize("path", [*DOORS, "/desk", "/desk/requests", "/desk/messages"])
def test_nobody_enters_without_signing_in(house, path):
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/data", "/messages", "/delete", "/accounts/logout/", "/accounts/password/change/"])
def test_a_door_opens_and_its_page_is_never_stored(ada, path):
    answer = ada.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content.decode().count("<h1") == 1


def test_the_start_leads_to_my_data(ada):
    assert ada.get("/").headers["Location"] == "/data"


def test_my_data_shows_values_first(ada):
    text = ada.get("/data").content.decode()
    for value in ("Ada Lovelace", "ada@example.com", "+493012345678"):
        assert f'<p class="value">{value}</p>' in text
    assert "the policy of" in text
    assert '/policy#1.3">' in text


def test_a_correction_is_shown_and_the_old_value_is_history(ada):
    assert ada.post("/data/phone", {"value": "+49 30 87654321"}).headers["Location"] == "/data"
    text = ada.get("/data").content.decode()
    assert '<p class="value">+493087654321</p>' in text
    assert "What it was before (1)" in text
    assert "is corrected." in text


def test_a_wrong_value_comes_back_at_its_field(ada):
    answer = ada.post("/data/phone", {"value": "12"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="12"' in text
    assert 'aria-invalid="true"' in text
    assert 'id="error-phone"' in text
    assert '<p class="value">+493012345678</p>' in text


def test_a_field_that_nobody_declared(ada):
    assert ada.post("/data/shoe-size", {"value": "12"}).status_code == 404


def test_hostile_names_are_shown_and_not_run(house):
    mallory = resident("mallory@example.com", name=HOSTILE)
    text = mallory.get("/data").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_a_new_address_waits_for_its_code(ada):
    answer = ada.post("/data/email", {"value": "ada@new.example"})
    assert answer.headers["Location"] == "/data/email/code"
    assert "ada@example.com" in ada.get("/data").content.decode()
    wrong = ada.post("/data/email/code", {"code": "NOPE"})
    assert wrong.status_code == 422
    assert "not the code" in wrong.content.decode()


def test_the_code_page_is_not_there_when_none_is_awaited(ada):
    assert ada.get("/data/email/code").headers["Location"] == "/data"


def test_the_copy_is_a_zip_and_only_by_post(ada, house):
    assert ada.get("/data/export").status_code == 405
    with house.at_work():
        answer = ada.post("/data/export")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "index.html" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_deleting_says_what_goes_and_stays_and_asks_for_the_password(ada):
    from avow.requests.limits import LIMITS

    text = ada.get("/delete").content.decode()
    assert all(escape(limit) in text for limit in LIMITS)
    assert "What stays" in text
    refused = ada.post("/delete", {"password": "not the password at all"})
    assert refused.status_code == 422
    assert ada.get("/data").status_code == 200


def test_deleting_leads_to_the_certificate_and_then_to_the_statement(ada, house):
    from datetime import UTC, datetime

    from avow.evidence import verifier
    from avow.requests import erasing
    from avow.requests.models import Request

    answer = ada.post("/delete", {"password": PASSWORD})
    place = answer.headers["Location"]
    assert place.startswith("/certificates/")
    stranger = Client()
    waiting = stranger.get(place)
    assert 'http-equiv="refresh"' in waiting.content.decode()
    assert stranger.get(place + ".txt").status_code == 409
    request = Request.objects.get(number=place.rpartition("/")[2]).pk
    for _ in range(5):
        erasing.push(request, now=datetime.now(UTC))
        house.record()
    page = stranger.get(place).content.decode()
    assert "Certificate of erasure" in page
    assert "no-store" in stranger.get(place).headers["Cache-Control"]
    statement = stranger.get(place + ".txt").content
    assert verifier.verify(statement, house.vkey)["kind"] == "erasure-certificate"
    spoilt = statement.replace(b"erased_at", b"erased_ot", 1)
    with pytest.raises(verifier.Refused):
        verifier.verify(spoilt, house.vkey)
    assert ada.get("/data").status_code == 302


def test_only_doors_that_open_are_shown(ada, house):
    assert "/desk" not in ada.get("/data").content.decode()
    assert "/delete" not in Client().get("/policy").content.decode()
