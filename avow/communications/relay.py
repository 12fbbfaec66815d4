"""
The outside of the door: one mail to one SMTP relay.

Why the relay's own signature: DKIM belongs to whoever the DNS names; that is the relay.

Holds:    no header can be injected: subject and address are one line each (`letters`), and
          the standard library refuses what is not. A password goes over TLS or not at all,
          except to this machine. The same message has the same Message-ID whenever it is sent.
Does not: try again; the queue does.
"""

import hmac
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

from avow.communications import bounces, returned, unsubscribe_header
from avow.communications.envelope import Mail
from avow.errors import BadInput, Unavailable
from avow.people.install import secret

DEFAULT_PORT = {"smtp": 25, "smtps": 465}
PATIENCE = 20.0  # seconds
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


def hand_over(mail: Mail, *, number: UUID, relay: str, sender: str, now: datetime, back: str = "") -> str:
    """Give one mail to the relay; return by which status it says that there is no such mailbox, if it does.

    Raises Unavailable for every other refusal, which may pass.
    """
    message = compose(mail, number=number, sender=sender, now=now)
    try:
        with _connection(Relay.read(relay)) as smtp:
            smtp.send_message(message, from_addr=back or None)
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
    message["Message-ID"] = (
        f"<{hmac.digest(secret('messages'), number.bytes, 'sha256').hex()[:32]}@{sender.rpartition('@')[2]}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop_url:
        message["List-Unsubscribe"] = unsubscribe_header.value(mail.stop_url, mail.stop_mail)
        message["List-Unsubscribe-Post"] = unsubscribe_header.ONE_CLICK
    message.set_content(mail.text)
    return message


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
    with smtp:
        if not relay.tls and smtp.ehlo() and smtp.has_extn("starttls") and relay.host not in LOOPBACK:
            smtp.starttls(context=context)
            relay = Relay(relay.host, relay.port, relay.user, relay.password, tls=True)
        if relay.user and (relay.tls or relay.host in LOOPBACK):
            smtp.login(relay.user, relay.password or "")
        elif relay.user:
            raise smtplib.SMTPException("no TLS, no password")
        yield smtp
