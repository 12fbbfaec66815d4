"""
The outside of the door: one mail to one SMTP relay.

Why the relay's own signature: DKIM belongs to whoever the DNS names; that is the relay. Else `dkim` does.

Holds:    no header can be injected: subject and address are one line each (`letters`), and
          the standard library refuses what is not. A password goes over TLS or not at all,
          except to this machine. The same message has the same Message-ID whenever it is sent.
Does not: try again; the queue does.
"""

import hmac
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

from avow.communications import bounces, returned, unsubscribe_header
from avow.communications.envelope import Mail
from avow.communications.journal import Journal
from avow.errors import BadInput, Unavailable
from avow.people.install import secret

DEFAULT_PORT = {"smtp": 25, "smtps": 465}
PATIENCE = 20.0  # seconds
GO_ON, REFUSED = 354, 400  # RFC 5321 §4.2
RCPT = 1  # its place in an envelope: only what is said of the recipient is about the recipient
DOTS = re.compile(rb"^\.", re.MULTILINE)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over: `host:port`, `smtp://user:password@host:port` or `smtps://…`."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False

    @classmethod
    def read(cls, text: str) -> "Relay":
        """Read the setting AVOW_MAIL_RELAY."""
        parts = urlsplit(text if "://" in text else f"smtp://{text}")
        try:
            port = parts.port if parts.port is not None else DEFAULT_PORT.get(parts.scheme, 0)
        except ValueError:
            port = 0
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not port:
            raise BadInput("AVOW_MAIL_RELAY is not a relay; write host:port or smtps://user:password@host:port.")
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        return cls(parts.hostname, port, user, password, parts.scheme == "smtps")


@dataclass(frozen=True)
class Post:
    """One mail with its envelope."""

    number: UUID
    sender: str  # the return path
    to: str
    raw: bytes
    about: str = ""  # sealed: by which a provider's reports say whose mail it was


@dataclass(frozen=True)
class Answer:
    """What the relay said to one mail."""

    code: int
    status: str  # enhanced, empty when it gave none
    final: bool = False  # said of the recipient and for good, whatever the status: a provider knows

    @property
    def taken(self) -> bool:
        """Whether the mail is the relay's now."""
        return self.code in range(200, 300)

    @property
    def for_good(self) -> bool:
        """Whether it said, as clearly as there is a code for, that there is no such mailbox; or that it never will."""
        return self.final or (self.code in range(500, 600) and self.status in bounces.SAID_AT_ONCE)


class Lost(Unavailable):
    """The connection to the relay ended, or never began."""

    code = "relay-lost"


class NotNow(Lost):
    """The other side is away, or asks to wait: nothing is in doubt, and no mail is to blame."""

    code = "mail-not-now"


def hand_over(post: Post, *, relay: str) -> str:
    """Give one mail to the relay; return by which status it says that there is no such mailbox, if it does.

    Raises Unavailable for every other refusal, which may pass.
    """
    try:
        with _connection(Relay.read(relay)) as smtp:
            if post.to.isascii():
                smtp.sendmail(post.sender, [post.to], post.raw)
            else:  # asks the relay whether it takes such (RFC 6531)
                smtp.send_message(message_from_bytes(post.raw, policy=SMTPUTF8), post.sender, [post.to])
    except (OSError, smtplib.SMTPException) as failed:
        if status := _no_mailbox(failed):
            return status
        # the reason may quote the address, so it is not passed on
        raise Unavailable(
            f"The mail relay did not take the message ({type(failed).__name__}); it will be tried again."
        ) from None
    return ""


def _no_mailbox(failed: Exception) -> str:
    """Return the status code by which a relay said at once that the address is none; any other refusal may pass."""
    if not isinstance(failed, smtplib.SMTPRecipientsRefused):
        return ""
    said = [returned.status_in(text.decode("ascii", "replace")) for _, text in failed.recipients.values()]
    return said[0] if said and said[0] in bounces.SAID_AT_ONCE else ""


def compose(mail: Mail, *, number: UUID, sender: str, now: datetime) -> EmailMessage:
    """Write the mail as it travels."""
    message = EmailMessage(policy=unsubscribe_header.POLICY)
    message["From"] = sender
    _address(message, mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(number, sender)
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop_url:
        message["List-Unsubscribe"] = unsubscribe_header.value(mail.stop_url, mail.stop_mail)
        message["List-Unsubscribe-Post"] = unsubscribe_header.ONE_CLICK
    message.set_content(mail.text)
    return message


def message_id(number: UUID, sender: str) -> str:
    """Return the Message-ID: the same for the same message, whenever it is sent."""
    return f"<{hmac.digest(secret('messages'), number.bytes, 'sha256').hex()[:32]}@{sender.rpartition('@')[2]}>"


def _address(message: EmailMessage, to: str) -> None:
    """Write the address; the standard library breaks on some that are none, and then it is none to us too."""
    try:
        message["To"] = to
    except (IndexError, AttributeError):
        raise ValueError("this is no address that mail could go to") from None


@contextmanager
def _connection(relay: Relay) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    smtp = (
        smtplib.SMTP_SSL(relay.host, relay.port, timeout=PATIENCE, context=context)
        if relay.tls
        else smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE)
    )
    try:
        if not relay.tls and smtp.ehlo() and smtp.has_extn("starttls") and relay.host not in LOOPBACK:
            smtp.starttls(context=context)
            relay = Relay(relay.host, relay.port, relay.user, relay.password, tls=True)
        if relay.user and (relay.tls or relay.host in LOOPBACK):
            smtp.login(relay.user, relay.password or "")
        elif relay.user:
            raise smtplib.SMTPException("no TLS, no password")
        yield smtp
    finally:  # what the relay says to a farewell changes nothing of what it took
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


class Line:
    """A connection to the relay that stays open for many mails, and writes ahead where the relay allows it (RFC 2920).

    Why ahead: a mail has four answers to wait for; with the next one's envelope behind a mail's text it is one wait.
    """

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._ahead = smtp.has_extn("pipelining")
        self._any_letters = smtp.has_extn("smtputf8")  # also in addresses (RFC 6531)

    def takes(self, to: str) -> bool:
        """Say whether the relay takes an address that is written like this."""
        return to.isascii() or self._any_letters

    def hand_over(self, posts: Iterable[Post], journal: Journal) -> Iterator[tuple[UUID, Answer]]:
        """Give mails one after the other; yield what the relay said to each.

        Raises Lost when the connection ended: the mail whose text was being given is in doubt, as the journal says.
        """
        before: Post | None = None
        try:
            for post in posts:
                if self._ahead:
                    self._begin(post, before, journal)
                    if before:
                        yield before.number, self._ended(before, journal)
                    refused = self._began()
                else:
                    refused = self._one_by_one(post)
                    if refused is None:
                        self._text(post, journal)
                        yield post.number, self._ended(post, journal)
                before = post if self._ahead and refused is None else None
                if refused is not None:
                    yield post.number, refused
            if before:
                self._text(before, journal)
                yield before.number, self._ended(before, journal)
        except (OSError, smtplib.SMTPException) as lost:
            self._smtp.close()  # at once: a relay that waits for a text would take a farewell for one
            raise Lost(f"The mail relay went away ({type(lost).__name__}); what waits is tried again.") from None

    def _begin(self, post: Post, before: Post | None, journal: Journal) -> None:
        """Write the text of the mail before, and the envelope of this one behind it."""
        if before:
            journal.giving(before.number)
        self._send((_stuffed(before) if before else b"") + _envelope(post))

    def _began(self) -> Answer | None:
        """Read the three answers to an envelope; None when the relay waits for the text."""
        answers = [self._answer() for _ in range(3)]
        if all(one.code in range(200, 400) for one in answers):
            return None
        if answers[2].code == GO_ON:  # it waits for a text of a mail that goes to nobody
            self._send(b".\r\n")
            self._answer()
        self._smtp.rset()
        place, refused = next((at, one) for at, one in enumerate(answers) if one.code not in range(200, 400))
        return refused if place == RCPT else Answer(refused.code, "")

    def _one_by_one(self, post: Post) -> Answer | None:
        for place, command in enumerate(_envelope(post).split(b"\r\n")[:-1]):
            self._send(command + b"\r\n")
            if (said := self._answer()).code not in range(200, 400):
                self._smtp.rset()
                return said if place == RCPT else Answer(said.code, "")
        return None

    def _text(self, post: Post, journal: Journal) -> None:
        journal.giving(post.number)
        self._send(_stuffed(post))

    def _ended(self, post: Post, journal: Journal) -> Answer:
        said = self._answer()
        (journal.given if said.taken else journal.refused)(post.number)
        return Answer(said.code, "")

    def _send(self, raw: bytes) -> None:
        sock = self._smtp.sock
        if sock is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        sock.sendall(raw)

    def _answer(self) -> Answer:
        code, text = self._smtp.getreply()
        return Answer(code, returned.status_in(text.decode("ascii", "replace")) if code >= REFUSED else "")


@contextmanager
def line(written: str) -> Iterator[Line]:
    """Open a connection to the relay of this setting; raises Lost when there is none."""
    with ExitStack() as stack:
        try:
            smtp = stack.enter_context(_connection(Relay.read(written)))
            smtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as failed:
            raise Lost(
                f"The mail relay does not answer ({type(failed).__name__}); what waits is tried again."
            ) from None
        yield Line(smtp)


def _envelope(post: Post) -> bytes:
    letters = "" if post.to.isascii() else " SMTPUTF8 BODY=8BITMIME"
    return f"MAIL FROM:<{post.sender}>{letters}\r\nRCPT TO:<{post.to}>\r\nDATA\r\n".encode()


def _stuffed(post: Post) -> bytes:
    """Return the text as it travels: a dot at a line's beginning doubled, and a line with one dot at its end."""
    raw = DOTS.sub(b"..", post.raw)
    return raw + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")
