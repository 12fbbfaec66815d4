"""
The return path: where a mail server sends a mail back to, so that what comes back says whose it was and proves it.

    AVOW_BOUNCE_ADDRESS = b@example.com        b+TOKEN@example.com        one token a mail, sealed

Why sealed: whoever can write to our mailbox could otherwise report anybody's address as dead, and end mail to them.

Holds:    a token names nobody to whoever reads it; an altered one, or one of another kind, does not open. With one
          letter and a plus it has the 64 octets that the part before the @ may have (RFC 5321 §4.5.3.1.1).
Assumes:  mail servers keep the case of the part before the @ (RFC 5321 §2.4), and ours delivers what stands behind a
          plus to the same mailbox.
Does not: end. Whoever holds somebody's mail holds its token too; `bounces` says how little that lets them do.
"""

import re
from dataclasses import dataclass
from email.message import Message
from uuid import UUID

from django.conf import settings

from avow.communications.classes import Kind, MessageClass, Topic
from avow.people.sealed_token import SealedToken, is_as_written

TOKEN = SealedToken("bounce", "avow.bounce/1")
FIRST = (MessageClass.CODE, MessageClass.SECURITY, MessageClass.ANSWER, MessageClass.NOTICE)
KINDS: tuple[Kind, ...] = (*FIRST, *Topic, MessageClass.BREACH)  # a mail keeps its number: append, never reorder
NUMBER = 16  # bytes
WRITTEN = re.compile(r"\+([A-Za-z0-9_-]{62})@")
READ_IN = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Original-Mail-From", "Return-Path")


@dataclass(frozen=True)
class Whose:
    """Whose mail came back, and of which kind it was."""

    person: UUID
    kind: Kind


def address(person: UUID, kind: Kind) -> str:
    """Return the return path of one mail; empty where none is set up, and mail then comes back to its sender."""
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{TOKEN.write(person.bytes + bytes([KINDS.index(kind)]))}@{domain}" if domain else ""


def read(token: str) -> Whose | None:
    """Return whose mail a token belongs to; None for one that is not ours or not whole."""
    plain = TOKEN.read(token)
    if plain is None or not is_as_written(token):
        return None
    return Whose(UUID(bytes=plain[:NUMBER]), KINDS[plain[NUMBER]])


def found_in(mail: Message) -> Whose | None:
    """Return whose mail it is that came back, by the address to which it was returned."""
    for header in READ_IN:
        for line in mail.get_all(header, []):
            if written := WRITTEN.search(str(line)):
                return read(written[1])
    return None
