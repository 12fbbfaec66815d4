"""
How this room fills the port of people: codes and notices become messages of a class.

Holds:    each code, each notice and each alert has a letter of its own name (a test counts them).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.utils import timezone

from avow.communications import bounces, notices
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.sending import send
from avow.people.ports import Alert, Code, Notice


class ForPeople:
    """The deliverer of accounts' messages."""

    def send_code(self, kind: Code, code: str, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a code."""
        send(person or address, Message(MessageClass.CODE, kind, {"code": code}), address=address, now=now)

    def send_notice(self, notice: Notice, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a notice."""
        send(person or address, Message(MessageClass.SECURITY, notice), address=address, now=now)

    def send_alert(self, alert: Alert, *, person: UUID, gaps: Mapping[str, str], now: datetime) -> None:
        """Send an alert of the topic that its person can switch off."""
        send(person, Message(Topic.SECURITY_ALERTS, alert, gaps), now=now)


def bring_in(person: UUID, now: datetime, **_: object) -> None:
    """Owe somebody who signed up the notice of a change that is to come."""
    notices.bring_in(person, now=now)


def address_works(email_address: EmailAddress, **_: object) -> None:
    """Write again to somebody who entered the code that their address was mailed."""
    bounces.lift(email_address.user.person, now=timezone.now())
