"""
The desk publishes a text in two steps: the first shows and writes nothing, the second publishes those very bytes.

It bites: publishing at the first step, or freezing the browser's line ends, fails here (tried).
"""

from datetime import UTC, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from avow.evidence import versions
from tests.communications.changing import newer


def text(days):
    raw, table = newer((datetime.now(UTC) + timedelta(days=days)).date())
    return raw.decode(), table.decode()


def as_typed(given):
    return given.replace("\n", "\r\n")


def test_for_others_there_is_nothing_here(ada):
    assert ada.get("/desk/policy").status_code == 404


def test_it_is_looked_at_first_and_published_byte_for_byte(officer, house):
    raw, table = text(30)
    files = {
        "text_file": SimpleUploadedFile("n.md", raw.encode()),
        "table_file": SimpleUploadedFile("n.toml", table.encode()),
    }
    look = officer.post("/desk/policy", files)
    page = look.content.decode()
    assert look.status_code == 200 and "What publishing would do" in page and "<ins>" in page
    assert len(versions.all_versions()) == 1
    form = {"step": "publish", "text": as_typed(raw), "table": as_typed(table), "announcement": "Partners."}
    done = officer.post("/desk/policy", form, follow=True)
    assert versions.all_versions()[-1].raw == raw.encode()
    page = done.content.decode()
    assert "Version 2 is published" in page and "Its notice is owed to 1" in page and "Not told yet" in page
    again = officer.post("/desk/policy", form)
    assert again.status_code == 422 and "published already" in again.content.decode()


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
