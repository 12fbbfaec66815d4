"""
How this room fills the port of people: codes and notices become messages of a class.

Holds:    each code and each notice has a letter of its own name (a test counts them).
"""

from datetime import datetime
from uuid import UUID

from avow.communications import notices
from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.people.ports import Code, Notice


class ForPeople:
    """The deliverer of accounts' messages."""

    def send_code(self, kind: Code, code: str, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a code."""
        send(person or address, Message(MessageClass.CODE, kind, {"code": code}), address=address, now=now)

    def send_notice(self, notice: Notice, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a notice."""
        send(person or address, Message(MessageClass.SECURITY, notice), address=address, now=now)


def bring_in(person: UUID, now: datetime, **_: object) -> None:
    """Owe somebody who signed up the notice of a change that is to come."""
    notices.bring_in(person, now=now)
