"""Letters: every one of ours can be written, and no filling can break out of its gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.communications import letters
from avow.communications.case_letters import CaseLetter
from avow.communications.notices import LETTER
from avow.errors import NotFound
from avow.people.ports import Alert, Code, Notice

WRITTEN = [
    "account-unused",
    "announcement",
    "disclosed",
    "incident",
    "legal-notice",
    "new-version",
    "number-exchanged",
    "number-registered",
    "phone-code",
    "security-alert",
    "usage-summary",
]

EVERY_GAP = {
    "month": "May 2026",
    "days": "3 days",
    "lines": "/reports: 3",
    "code": "ABC-123",
    "company": "Optimibi",
    "sign_in": "https://example.com/in",
    "reset": "https://example.com/reset",
    "day": "1 May",
    "contact": "a@example.com",
    "messages": "https://example.com/messages",
    "subject": "News",
    "body": "One.\n\nTwo.",
    **dict.fromkeys(("link", "choices", "cases"), "https://example.com/x"),
    **dict.fromkeys(("until", "due"), "1 May 2026, 12:00 UTC"),
    "number": "ABCD-EFGH-JKMN",
    "authority": "the court of Lisbon",
    "fields": "name, phone",
    **dict.fromkeys(("account", "difference"), "https://example.com/x"),
    "older": "Of what you gave before, you are asked.",
    "effective": "1 May 2026",
    "announcement": "We change.",
    "changes": "3 sentences",
    "not_me": "https://example.com/not-me/x",
    "browser": "Firefox",
    "network": "203.0.113.0/24",
    "left": "3 are left",
    "answer": "Yes.\n\nFor a year.",
    **dict.fromkeys(("happened", "consequences", "measures"), "A share lay open.\n\nIt is closed."),
    "span": "1 May 2026 to 3 May 2026 (known)",
    "incidents": "https://example.com/incidents",
}
EVERY = [*Code, *Notice, *Alert, *CaseLetter, *WRITTEN, LETTER]


def test_each_code_and_each_notice_has_its_letter_and_there_is_no_other():
    assert letters.names() == sorted(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_each_letter_can_be_written(name):
    letter = letters.write(name, EVERY_GAP)
    assert letter.subject and "\n" not in letter.subject
    assert "$" not in letter.text + letter.subject
    assert all(len(line) <= 100 for line in letter.text.splitlines())


@pytest.mark.parametrize("code", list(Code))
def test_a_code_stands_alone_on_its_line(code):
    assert "\n    ABC-123\n" in letters.write(code, EVERY_GAP).text


def test_a_gap_that_is_not_filled_is_an_error_at_once():
    with pytest.raises(KeyError):
        letters.write(Code.SIGN_UP, {"company": "Optimibi"})


@pytest.mark.parametrize("name", ["", "../letters/sign-up", "nothing"])
def test_there_is_no_letter_by_another_name(name):
    with pytest.raises(NotFound):
        letters.write(name, EVERY_GAP)


def test_what_an_officer_wrote_keeps_its_lines_in_the_text_alone():
    letter = letters.write(CaseLetter.ANSWER, {**EVERY_GAP, "answer": "One.\n\nTwo.\x07", "number": "A\nBcc: b"})
    assert "One.\n\nTwo.\n" in letter.text
    assert len(letter.subject.splitlines()) == 1


@given(st.text(max_size=200))
def test_no_filling_adds_a_line(filling):
    letter = letters.write(Code.SIGN_UP, {**EVERY_GAP, "code": filling, "company": filling})
    plain = letters.write(Code.SIGN_UP, EVERY_GAP)
    assert len(letter.subject.splitlines()) <= 1
    assert letter.text.count("\n") == plain.text.count("\n")


@given(st.text(max_size=300))
def test_a_text_from_the_desk_keeps_its_lines_and_nothing_unprintable(body):
    letter = letters.write("announcement", {"subject": "News", "body": body})
    assert all(c.isprintable() or c == "\n" for c in letter.text)
    assert letters.write("announcement", {"subject": "News", "body": "one\n\ntwo"}).text == "one\n\ntwo\n"
