"""
The desk publishes a text in steps: the first shows and writes nothing; then another officer publishes those very bytes.

It bites: publishing at the first step, by one officer alone, or with the browser's line ends, fails here (tried).
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from avow.communications.models import NextText
from avow.evidence import versions
from avow.people import desk
from avow.people.desk_roles import Role
from tests.communications.changing import newer
from tests.people import app
from tests.web.conftest import resident


def text(days):
    raw, table = newer((datetime.now(UTC) + timedelta(days=days)).date())
    return raw.decode(), table.decode()


def as_typed(given):
    return given.replace("\n", "\r\n")


def test_for_others_there_is_nothing_here(ada):
    assert ada.get("/desk/policy").status_code == 404


@pytest.fixture
def second(house):
    """Another officer."""
    client = resident("second@example.com", name="Second")
    desk.give(client.person, Role.OFFICER, now=datetime.now(UTC))
    app.guard(client.person)
    return client


def test_it_is_looked_at_first_put_forward_and_published_by_another_byte_for_byte(officer, second, house):
    raw, table = text(30)
    files = {
        "text_file": SimpleUploadedFile("n.md", raw.encode()),
        "table_file": SimpleUploadedFile("n.toml", table.encode()),
    }
    look = officer.post("/desk/policy", files)
    page = look.content.decode()
    assert look.status_code == 200 and "What publishing would do" in page and "<ins>" in page
    assert len(versions.all_versions()) == 1
    assert "Put it forward" in page
    form = {"step": "publish", "text": as_typed(raw), "table": as_typed(table), "announcement": "Partners."}
    put = officer.post("/desk/policy", form, follow=True).content.decode()
    assert "Nothing is published yet" in put and "You put it forward" in put and len(versions.all_versions()) == 1
    assert "Publish it now" not in put
    number = {"number": str(NextText.objects.get().pk)}
    own = officer.post("/desk/policy", {"step": "approve"} | number)
    assert own.status_code == 422 and "another officer publishes it" in own.content.decode()
    look = second.get("/desk/policy").content.decode()
    assert (
        "waits for a second officer" in look
        and "<ins>" in look
        and "by another officer" in look
        and "Partners." in look
    )
    done = second.post("/desk/policy", {"step": "approve"} | number, follow=True)
    assert versions.all_versions()[-1].raw == raw.encode()
    page = done.content.decode()
    assert "Version 2 is published" in page and "Its notice is owed to 2" in page and "Not told yet" in page
    again = officer.post("/desk/policy", form)
    assert again.status_code == 422 and "published already" in again.content.decode()


def test_it_is_withdrawn_and_odd_numbers_find_nothing(officer, second, house):
    raw, table = text(30)
    officer.post("/desk/policy", {"step": "publish", "text": raw, "table": table})
    for odd in ("", "x", "0" * 36):
        assert second.post("/desk/policy", {"step": "approve", "number": odd}).status_code == 422
    number = str(NextText.objects.get().pk)
    gone = second.post("/desk/policy", {"step": "withdraw", "number": number}, follow=True).content.decode()
    assert "withdrawn" in gone and "waits for a second officer" not in gone and len(versions.all_versions()) == 1


def test_wording_is_published_by_one(officer, house):
    raw, table = newer((datetime.now(UTC) + timedelta(days=1)).date(), wording_only=True)
    given = {"text": raw.decode(), "table": table.decode()}
    assert "Publish it now" in officer.post("/desk/policy", given).content.decode()
    done = officer.post("/desk/policy", given | {"step": "publish"}, follow=True).content.decode()
    assert "Version 2 is published" in done


def test_what_is_refused_comes_back_with_its_sentence_and_what_was_pasted(officer, house):
    raw, table = text(3)
    for step in ("look", "publish"):
        answer = officer.post("/desk/policy", {"step": step, "text": raw, "table": table})
        assert answer.status_code == 422
        assert "date it" in answer.content.decode() and "offers of our partners" in answer.content.decode()
    for wrong in (
        {},
        {"text": raw, "table": "nonsense ["},
        {"text": "", "table": table},
        {"text": "no date", "table": table},
    ):
        assert officer.post("/desk/policy", wrong).status_code == 422
    assert len(versions.all_versions()) == 1
