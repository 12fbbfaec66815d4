"""
The link in a letter, and the headers that carry it: read by an independent reading of RFC 2369 and RFC 8058, which is itself
tried on other people's vectors (planetaryescape/list-unsubscribe).

It bites (each was tried): the headers under the standard library's own folding (the address becomes an encoded word); a token
whose last bits are not compared.
"""

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.communications import links, relay, unsubscribe_header
from avow.communications.classes import Topic
from avow.communications.envelope import Mail
from avow.errors import NotFound
from tests.communications.topics import now, read

KINDS = st.sampled_from(links.SCOPES)


def understood(header, post):
    """What a mailbox provider does with the two headers: one click, a mail, a link, or nothing."""
    ways = [way.strip() for way in re.findall(r"<([^>]*)>", header or "")]
    schemes = [(urlsplit(way).scheme.lower(), way) for way in ways]
    https = next((way for scheme, way in schemes if scheme == "https" and urlsplit(way).hostname), None)
    one_click = (post or "").strip().lower() == "list-unsubscribe=one-click"
    if https and one_click:
        return {"kind": "OneClick", "url": https}
    for scheme, way in schemes:
        if scheme == "mailto":
            subject = parse_qs(urlsplit(way).query).get("subject", [None])[0]
            return {"kind": "Mailto", "address": unquote(urlsplit(way).path), "subject": subject}
    link = https or next((way for scheme, way in schemes if scheme == "http" and urlsplit(way).hostname), None)
    return {"kind": "HttpLink", "url": link} if link else {"kind": "None"}


def test_our_reading_agrees_with_other_peoples_vectors(shared):
    tried = 0
    for path in sorted((shared / "vectors" / "list-unsubscribe").glob("*.json")):
        vector = json.loads(path.read_text())
        got = understood(vector["input"]["list_unsubscribe"], vector["input"]["list_unsubscribe_post"])
        expected = vector["expected"]
        if "url" in expected:
            got["url"] = re.sub(r"^HTTPS?", lambda m: m[0].lower(), got["url"])
        assert got == expected, vector["name"]
        tried += 1
    assert tried >= 14


@settings(deadline=None)
@given(st.uuids(), KINDS, st.booleans())
def test_our_headers_are_read_as_one_click_and_without_it_as_a_mail(person, kind, has_contact):
    token = links.token_for(person, kind)
    url = f"https://privacy.example.com/unsubscribe/{token}"
    mail = f"mailto:info@example.com?subject=unsubscribe%20{token}" if has_contact else ""
    sealed = Mail("ada@example.com", "News", "text", url, mail)
    raw = relay.compose(sealed, number=uuid4(), sender="x@example.com", now=now()).as_bytes()
    assert all(len(line) <= 200 for line in raw.splitlines())
    message = read(raw)
    header = unfolded(raw, "List-Unsubscribe")
    assert message["List-Unsubscribe-Post"] == unsubscribe_header.ONE_CLICK
    assert understood(header, message["List-Unsubscribe-Post"]) == {"kind": "OneClick", "url": url}
    if has_contact:
        expected = {"kind": "Mailto", "address": "info@example.com", "subject": f"unsubscribe {token}"}
        assert understood(header, None) == expected


def unfolded(raw, name):
    """The header as it travels, joined but not decoded: a mailbox decodes no words within an address."""
    found = re.search(rf"^{name}:((?:.*\r\n)(?:[ \t].*\r\n)*)", raw.decode("ascii"), re.MULTILINE)
    return re.sub(r"\r\n(?=[ \t])", "", found[1]).strip()


def test_a_receipt_has_no_such_header():
    raw = relay.compose(Mail("a@example.com", "s", "t"), number=uuid4(), sender="x@example.com", now=now()).as_bytes()
    assert b"List-Unsubscribe" not in raw


@settings(deadline=None)
@given(st.uuids(), KINDS)
def test_a_token_is_what_it_was_made_for_and_tells_nobody(person, kind):
    token = links.token_for(person, kind)
    assert links.read(token) == links.Capability(person, kind)
    assert len(token) <= 64 and re.fullmatch(r"[\w-]+", token)
    assert person.hex not in token and str(person) not in token


@settings(deadline=None)
@given(st.integers(0, 61), st.sampled_from("ABCDxyz019-_"))
def test_a_changed_character_never_opens(at, other):
    token = links.token_for(UUID(int=7), Topic.USAGE)
    spoilt = token[:at] + other + token[at + 1 :]
    if spoilt != token:
        with pytest.raises(NotFound):
            links.read(spoilt)


def test_another_spelling_of_the_same_bytes_does_not_open():
    """The last character carries four bits that base64 ignores."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = links.token_for(UUID(int=7), Topic.USAGE)
    opened = 0
    for other in alphabet:
        try:
            links.read(token[:-1] + other)
            opened += 1
        except NotFound:
            pass
    assert opened == 1


@settings(deadline=None)
@given(st.text(max_size=80))
def test_what_is_no_token_is_refused(text):
    with pytest.raises(NotFound):
        links.read(text)
