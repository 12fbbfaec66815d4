"""
Read what came back: a report that a mail could not be delivered (RFC 3464), or that somebody called it spam (RFC 5965).

Why only these two forms: prose in a mail server's own words cannot be told from a person's. What is in neither form
is filed as before and changes nothing.

Holds:    any bytes give a Returned or None; this never raises. A report counts only with proof whose mail it was: our
          sealed return path, or the sealed link out of the letter itself where the report brings its header along.
          A delay, and a report of success, are no failure.
Does not: believe the report about anything but its own mail; `bounces` compares the address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from avow.communications import links, parsing, return_path
from avow.communications.classes import Topic
from avow.communications.return_path import Whose
from avow.errors import NotFound

STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
OUR_LINK = re.compile(r"/([A-Za-z0-9_-]{20,100})>")  # as `unsubscribe_header` writes it
PARTS = 50
COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other"})  # of Feedback-Type, RFC 5965 §7.3; not-spam takes it back


@dataclass(frozen=True)
class Returned:
    """One mail of ours that came back."""

    whose: Whose
    complaint: bool
    status: str = ""  # of a failure: class.subject.detail
    recipients: tuple[str, ...] = ()  # whom the report names, in small letters


def read(raw: bytes) -> Returned | None:
    """Read a mail as a report about one of ours."""
    try:
        return _read(raw)
    except Exception:  # noqa: BLE001 - hostile bytes find ways through a parser that nobody listed
        return None


def status_in(text: str) -> str:
    """Return the enhanced status code with which an answer of a mail server begins; empty when there is none."""
    found = STATUS.match(text.strip())
    return found[0] if found else ""


def _read(raw: bytes) -> Returned | None:
    mail = message_from_bytes(raw[: parsing.MOST], policy=compat32)
    if mail.get_content_type() != "multipart/report":
        return None
    parts = list(_parts(mail))
    kind = str(mail.get_param("report-type", "")).lower()
    whose = _whose(mail, parts)
    if whose is None:
        return None
    if kind == "feedback-report":
        return _complaint(parts, whose)
    return _failure(parts, whose) if kind == "delivery-status" else None


def _complaint(parts: list[Message], whose: Whose) -> Returned | None:
    for part in _inside(parts, "message/feedback-report"):
        if _value(part, "Feedback-Type") in COMPLAINTS:
            return Returned(whose, complaint=True)
    return None


def _failure(parts: list[Message], whose: Whose) -> Returned | None:
    """Return the first recipient's failure; a mail of ours has one recipient."""
    for part in _inside(parts, "message/delivery-status"):
        if _value(part, "Action") == "failed":
            named = (_value(part, "Original-Recipient"), _value(part, "Final-Recipient"))
            recipients = tuple(name.partition(";")[2].strip().strip("<>") for name in named if name)
            return Returned(whose, complaint=False, status=status_in(_value(part, "Status")), recipients=recipients)
    return None


def _whose(mail: Message, parts: list[Message]) -> Whose | None:
    """Find the proof: the address that it came to, what the report says of the envelope, or our own header in it."""
    for each in (mail, *_inside(parts, "message/feedback-report"), *_enclosed(parts)):
        if found := return_path.found_in(each) or _by_link(each):
            return found
    return None


def _by_link(mail: Message) -> Whose | None:
    written = OUR_LINK.search(str(mail.get("List-Unsubscribe", "")))
    try:
        can = links.read(written[1]) if written else None
    except NotFound:
        return None
    return Whose(can.person, can.kind or Topic.ANNOUNCEMENTS) if can else None


def _enclosed(parts: list[Message]) -> Iterator[Message]:
    """Return the heads of our own mail, as far as the report encloses them."""
    yield from _inside(parts, "message/rfc822")
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            yield message_from_bytes(content if isinstance(content, bytes) else b"", policy=compat32)


def _inside(parts: list[Message], kind: str) -> Iterator[Message]:
    """Return what a part of a kind holds: the standard library gives a list of blocks, or the text of the one."""
    for part in parts:
        if part.get_content_type() == kind:
            held = part.get_payload()
            if isinstance(held, list):
                yield from (block for block in held[:PARTS] if isinstance(block, Message))
            else:
                yield message_from_bytes(str(held).encode("utf-8", "replace"), policy=compat32)


def _parts(mail: Message) -> Iterator[Message]:
    held = mail.get_payload()
    yield from (part for part in (held if isinstance(held, list) else [])[:PARTS] if isinstance(part, Message))


def _value(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip().lower()
