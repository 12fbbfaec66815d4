"""
A mail as it travels, against the standard library's own writing of it, and against readers that others wrote.

Tried by hand, each seen to fail: a subject left as it is; a body with bare LF; the unsubscribing header folded in a word.
"""

import email
import email.policy
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.communications import mime, relay
from avow.communications.envelope import Mail

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NUMBER = UUID(int=7)
STOP = ("https://avow.example/unsubscribe/" + "x" * 62, "mailto:info@optimibi.com?subject=unsubscribe%20" + "x" * 62)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x85\u2028\u2029"), max_size=120)
LINES = st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=200), max_size=8).map("\n".join)


def written(mail):
    return mime.write(mail, number=NUMBER, sender="info@optimibi.com", now=NOW)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def said(message):
    return {name: " ".join(str(message[name]).split()) for name in message.keys()}


@given(WORDS, LINES, st.booleans())
def test_it_says_what_the_standard_library_would_have_written(subject, text, optional):
    mail = Mail("ada@example.com", " ".join(subject.split()), text, *(STOP if optional else ()))
    ours = read(written(mail))
    theirs = read(relay.compose(mail, number=NUMBER, sender="info@optimibi.com", now=NOW).as_bytes())
    skipped = {"Content-Transfer-Encoding", "Content-Type"}
    assert {k: v for k, v in said(ours).items() if k not in skipped} == {
        k: v for k, v in said(theirs).items() if k not in skipped
    }
    assert ours.get_content().rstrip("\n").splitlines() == theirs.get_content().rstrip("\n").splitlines()
    assert ours.get_content_type() == "text/plain" and not ours.defects


@given(WORDS, LINES)
def test_every_line_ends_as_mail_does_and_none_is_long(subject, text):
    raw = written(Mail("ada@example.com", " ".join(subject.split()), text, *STOP))
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 78
    assert raw.isascii() and raw.endswith(b"\r\n")
    assert len([line for line in head.split(b"\r\n") if line.startswith(b"Subject:")]) == 1


@pytest.mark.parametrize("subject", ["one\r\nBcc: eve@example.com", "a\nb", "a\rb", "\x00", "a\x0bb", "a\u2028b"])
def test_a_subject_adds_no_header_even_if_it_came_here_with_two_lines(subject):
    """Letters make one line of it before; nothing relies on that here."""
    try:
        raw = written(Mail("ada@example.com", subject, "text"))
    except (ValueError, email.errors.MessageError):
        return
    assert "Bcc" not in read(raw)
    assert b"\nBcc" not in raw


@pytest.mark.parametrize(
    "to", ["ada@example.com\r\nRCPT TO:<eve@example.com>", "ada", "<ada@example.com>", "ada@exa mple.com", "@", "a@b>"]
)
def test_an_address_that_is_none_is_refused_or_written_as_one_word(to):
    try:
        raw = written(Mail(to, "s", "t"))
    except (ValueError, email.errors.MessageError):
        return
    assert b"\nRCPT" not in raw and raw.count(b"\r\nTo: ") == 1


@given(st.binary(max_size=300))
def test_dots_travel_doubled_and_arrive_single(body):
    raw = b"Subject: x\r\n\r\n" + body.replace(b"\r", b"").replace(b"\n", b"\r\n")
    sent = relay._stuffed(relay.Post(NUMBER, "a@b", "c@d", raw))
    text, ended, rest = sent.partition(b"\r\n.\r\n")
    assert ended and not rest
    arrived = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in text.split(b"\r\n"))
    assert arrived.rstrip(b"\r\n") == raw.rstrip(b"\r\n")


def test_the_ways_out_stand_whole_as_mailboxes_read_them():
    """As `test_links` reads them with the vectors of `../shared`."""
    message = read(written(Mail("ada@example.com", "s", "t", *STOP)))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.strip() for part in message["List-Unsubscribe"].split(",")] == [f"<{way}>" for way in STOP]
