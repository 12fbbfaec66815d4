"""
Write a mail as bytes, a thousand times a second.

Why beside `relay.compose`: the standard library's message parses and folds each header anew, which takes longer than
all the rest of sending. What differs between letters of a kind is a handful of plain words, so plain ones are
written here, and whatever is not plain goes to the standard library as before.

Holds:    a mail written here reads back with the same headers and the same text as one of `relay.compose` (a property
          test compares them). No value holds a line's end, so none becomes a header (RFC 5322 §2.2). The body is 7-bit
          or quoted-printable in short lines, so nothing on its way rewrites it under a signature.
"""

import binascii
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from avow.communications import relay, unsubscribe_header
from avow.communications.dkim import Signer
from avow.communications.envelope import Mail

PLAIN = re.compile(r"[\x20-\x7e]{0,900}")
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9._-]{1,255}")
LINES = re.compile(r"\r\n|\r|\n")
LONGEST = 78


def write(mail: Mail, *, number: UUID, sender: str, now: datetime) -> bytes:
    """Return the mail with lines ended by CRLF, signed if that is done here; ValueError for an address that is none."""
    raw = _write(mail, number, sender, now)
    signer: Signer | None = settings.DKIM
    return signer.sign(raw) if signer else raw


def _write(mail: Mail, number: UUID, sender: str, now: datetime) -> bytes:
    if not (
        ADDRESS.fullmatch(mail.to) and ADDRESS.fullmatch(sender) and PLAIN.fullmatch(mail.stop_url + mail.stop_mail)
    ):
        return relay.compose(mail, number=number, sender=sender, now=now).as_bytes()
    encoding, body = _body(mail.text)
    headers = [
        ("From", sender), ("To", mail.to), ("Subject", _subject(mail.subject)), ("Date", _date(now)),
        ("Message-ID", relay.message_id(number, sender)), ("Auto-Submitted", "auto-generated"),
        *_ways_out(mail),
        ("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", encoding),
        ("MIME-Version", "1.0"),
    ]  # fmt: skip
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii") + b"\r\n" + body


def _ways_out(mail: Mail) -> list[tuple[str, str]]:
    if not mail.stop_url:
        return []
    ways = unsubscribe_header.value(mail.stop_url, mail.stop_mail).replace(unsubscribe_header.BETWEEN, ",\r\n ")
    return [("List-Unsubscribe", ways), ("List-Unsubscribe-Post", unsubscribe_header.ONE_CLICK)]


@lru_cache(maxsize=16)
def _date(now: datetime) -> str:
    """Return a moment as a header has it; a run's mails share one."""
    return format_datetime(now)


@lru_cache(maxsize=256)
def _subject(subject: str) -> str:
    """Return a subject as it travels; of letters to many, this is asked for the same one again and again."""
    if PLAIN.fullmatch(subject) and len(subject) < LONGEST - len("Subject: ") and "=?" not in subject:
        return subject
    return Header(subject, "utf-8", maxlinelen=LONGEST - 2, header_name="Subject").encode(linesep="\r\n")


def _body(text: str) -> tuple[str, bytes]:
    lines = LINES.sub("\r\n", text if text.endswith("\n") else f"{text}\n")
    if lines.isascii() and "\x00" not in lines and max(map(len, lines.split("\r\n"))) <= LONGEST:
        return "7bit", lines.encode("ascii")
    return "quoted-printable", binascii.b2a_qp(lines.encode(), istext=True)
