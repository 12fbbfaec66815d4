"""
Read one mail as it came: who says they wrote it, what they wrote, and what was left unread.

Why so little is read: whoever knows the address can send anything. So nothing in it is opened but its text: an
attachment is named as not read and not kept, and what has no end that we would wait for is refused by its size.

Holds:    any bytes give a Letter: this never raises, whatever the mail is made of. A mail without one sender's address
          is refused, since nobody could be answered.
Assumes:  the From line proves nothing; whoever acts on a Letter knows that.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses

from avow.communications.html_text import words_of
from avow.communications.letters import one_line
from avow.communications.loops import why_silent
from avow.errors import BadInput
from avow.vault.normalising import EMAIL, normalise

MOST = 20 * 2**20  # bytes of a mail; of a larger one only the head is read, to say so
HEAD = 64 * 2**10
LONGEST = 20_000  # characters of text; a wish is shorter
LONGEST_SUBJECT, LONGEST_ADDRESS, NAMED, PARTS = 200, 254, 10, 200


@dataclass(frozen=True)
class Letter:
    """What one mail says; `refusal` and `silent` are reasons of closed lists."""

    address: str
    subject: str = ""
    text: str = ""
    unread: tuple[str, ...] = ()  # names of attachments that were neither read nor kept
    silent: str = ""  # why no machine may answer it
    refusal: str = ""  # too-large, no-text, no-sender, malformed
    is_reply: bool = False


def read(raw: bytes, *, own: Collection[str] = ()) -> Letter:
    """Read a mail."""
    try:
        return _read(raw, own)
    except Exception:  # noqa: BLE001 - hostile bytes find ways through a parser that nobody listed
        return Letter("", refusal="malformed")


def message_id(raw: bytes) -> bytes:
    """Return the Message-ID, or nothing; read from the head alone."""
    try:
        return str(message_from_bytes(raw[:HEAD]).get("Message-ID", "")).strip().encode("utf-8", "replace")
    except Exception:  # noqa: BLE001 - as above
        return b""


def _read(raw: bytes, own: Collection[str]) -> Letter:
    too_large = len(raw) > MOST
    mail = message_from_bytes(raw[:HEAD] if too_large else raw, policy=default)
    sender = _sender(mail)
    if not sender:
        return Letter("", refusal="no-sender")
    silent, subject = why_silent(mail, sender, own), one_line(str(mail.get("Subject", "")))[:LONGEST_SUBJECT]
    is_reply = "In-Reply-To" in mail or "References" in mail
    if too_large:
        return Letter(sender, subject, silent=silent, refusal="too-large", is_reply=is_reply)
    text, unread = _text(mail)
    return Letter(sender, subject, text, unread, silent, "" if text else "no-text", is_reply)


def _sender(mail: Message) -> str:
    """Return the one address of the From line in the form that is looked for; a line with two names nobody."""
    written = [str(line) for line in mail.get_all("From", [])]
    found = [address for _, address in getaddresses(written) if address]
    if len(found) != 1 or len(found[0]) > LONGEST_ADDRESS:
        return ""
    try:
        return normalise(EMAIL, found[0])
    except BadInput:
        return ""


def _text(mail: EmailMessage) -> tuple[str, tuple[str, ...]]:
    """Return the text (of HTML only where there is no other), and the names of what was left unread."""
    plain, html, unread = list[str](), list[str](), list[str]()
    for part in _leaves(mail):
        kind = part.get_content_type()
        if part.get_content_disposition() != "attachment" and kind in {"text/plain", "text/html"}:
            (plain if kind == "text/plain" else html).append(_decoded(part))
        else:
            unread.append(one_line(str(part.get_filename() or kind))[:80])
    written = "\n".join(plain).strip() or words_of("\n".join(html)).strip()
    return _clean(written)[:LONGEST], tuple(unread[:NAMED])


def _leaves(mail: Message) -> Iterator[Message]:
    """Return the parts that hold something, not those inside an attached mail."""
    waiting, seen = [mail], 0
    while waiting and seen < PARTS:
        part, seen = waiting.pop(0), seen + 1
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            waiting[:0] = [each for each in inside if isinstance(each, Message)]
        else:
            yield part


def _decoded(part: Message) -> str:
    """Decode a text by what it says of itself, then as UTF-8, then as Latin-1, which reads anything."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return raw.decode("latin-1")


def _clean(text: str) -> str:
    """Leave out what cannot be seen, but lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join("".join(c for c in line if c.isprintable()).rstrip() for line in lines).strip()
