"""
A house's own letters: what lacks something its reader needs does not start, and what starts is what goes out.

It bites: a letter whose link may be left out, a code within a sentence, a gap that nothing fills, words without their gap,
and a footer that stays the shipped one (each was tried).
"""

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from avow.communications import footers, letters, own_letters
from avow.communications.classes import ABOUT, Topic
from avow.errors import BadInput
from avow.people.ports import Code
from tests.communications.test_letters import EVERY_GAP

SHIPPED = own_letters.SHIPPED
WORDS = (SHIPPED / own_letters.WORDS).read_text()
SIGN_UP = "Ihr Code für $company\n\nIhr Code:\n\n    $code\n\nOder: $sign_in\n"


@pytest.fixture
def own(tmp_path):
    """A folder of letters, and what reading it says."""

    def put(name, text):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return own_letters.read(str(tmp_path))

    return put


def shipped(name):
    return (SHIPPED / "letters" / f"{name}.txt").read_text()


def test_every_shipped_letter_and_its_words_could_be_ones_own(own):
    for path in sorted((SHIPPED / "letters").glob("*.txt")):
        own(path.name, path.read_text())
    folder = own(own_letters.WORDS, WORDS)
    with override_settings(LETTERS=folder):
        assert letters.write(Code.SIGN_UP, EVERY_GAP) == letters.write(Code.SIGN_UP, EVERY_GAP)
    assert own_letters.words_in(folder / own_letters.WORDS)["about"] == {
        str(kind): said for kind, said in ABOUT.items()
    }


def test_what_is_there_is_sent_and_the_rest_is_the_shipped_one(own):
    text = shipped("password-changed").replace("\n\n", "\n\nGuten Tag.\n\n", 1).replace("\n", "\r\n")
    folder = own("password-changed.txt", text)
    with override_settings(LETTERS=folder):
        assert letters.write("password-changed", EVERY_GAP).text.startswith("Guten Tag.")
        assert "Guten Tag" not in letters.write("new-browser", EVERY_GAP).text
    assert "Guten Tag" not in letters.write("password-changed", EVERY_GAP).text


def test_the_words_beneath_speak_the_same_language(policy, own):
    words = (
        WORDS.replace("You get this because our policy says, in", "Weil unsere Richtlinie sagt,")
        .replace("No more mails about $about", "Keine Mails mehr zu $about")
        .replace("news of our products", "Neuem von uns")
    )
    from tests.usage.conftest import NOW

    with override_settings(LETTERS=own(own_letters.WORDS, words)):
        from avow.vault.enrolment import enrol

        text = footers.Footers(Topic.ANNOUNCEMENTS, NOW).of(enrol(now=NOW)).text
    assert "Weil unsere Richtlinie sagt," in text and "Keine Mails mehr zu Neuem von uns:" in text
    assert text.count("http") == 2


@pytest.mark.parametrize(
    "name", ["new-browser", "policy-changed", "password-reset", "case-received", "confirm-erasure"]
)
def test_no_gap_that_a_reader_needs_can_be_left_out(own, name):
    for gap in sorted(letters.gaps_of(name) - own_letters.MAY_LACK):
        with pytest.raises(BadInput, match=gap):
            own(f"{name}.txt", shipped(name).replace(f"${gap}", "x").replace(f"${{{gap}}}", "x"))


@pytest.mark.parametrize(("name", "text", "says"), [
    ("nothing.txt", "A\n\nB", "none that Avow sends"),
    ("announcement.txt", "$subject\n\n$body $person", "nothing fills"),
    ("announcement.txt", "$subject\n\n$body costs $5", "begins no gap"),
    ("announcement.txt", "$subject\n$body", "an empty line"),
    ("announcement.txt", "\n\n$subject $body", "an empty line"),
    ("announcement.txt", "", "an empty line"),
    ("announcement.txt", "$subject\n\n$body" + "x" * 20_000, "longer than"),
    ("announcement.txt", b"$subject\n\n$body \xff", "UTF-8"),
    ("announcement.txt", "$subject\n\n$body \x00", "no text"),
    ("sign-up.txt", shipped("sign-up").replace("    $code", "It is $code, as we say."), "alone on a line"),
    ("words.toml", WORDS.replace("$about", "it"), "same gaps"),
    ("words.toml", WORDS.replace('usage = "', 'use = "'), "same gaps"),
    ("words.toml", WORDS + "\n[more]\n", "same gaps"),
    ("words.toml", WORDS.replace('account = "You have an account."', "account = []"), "same gaps"),
    ("words.toml", "because = ", "cannot be read"),
])  # fmt: skip
def test_what_cannot_serve_stops_the_start_and_says_why(own, name, text, says):
    with pytest.raises(BadInput, match=says):
        own(name, text)


def test_a_folder_that_is_none_stops_the_start_and_none_is_none(tmp_path):
    assert own_letters.read("") is None
    with pytest.raises(BadInput, match="a folder"):
        own_letters.read(str(tmp_path / "nothing"))


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text(max_size=300), filling=st.text(max_size=60))
def test_whatever_is_taken_can_be_written_and_its_subject_is_one_line(tmp_path, text, filling):
    path = tmp_path / "announcement.txt"
    path.write_bytes(f"$subject {text}\n\n$body {text}".encode(errors="replace"))
    letters._read.cache_clear()
    try:
        folder = own_letters.read(str(tmp_path))
    except BadInput:
        return
    with override_settings(LETTERS=folder):
        letter = letters.write(
            "announcement", {"subject": filling, "body": filling, "company": "C", "contact": "c", "day": "d"}
        )
    assert len(letter.subject.splitlines()) <= 1
