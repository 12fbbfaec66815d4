"""
How this room fills the port of people: codes and notices become messages of a class.

Holds:    each code, each notice and each alert has a letter of its own name (a test counts them).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from avow.communications import letters, notices
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.sending import send
from avow.people import not_me
from avow.people.ports import Alert, Code, Notice


class ForPeople:
    """The deliverer of accounts' messages."""

    def send_code(self, kind: Code, code: str, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a code."""
        send(person or address, Message(MessageClass.CODE, kind, {"code": code}), address=address, now=now)

    def send_notice(self, notice: Notice, *, address: str, person: UUID | None, now: datetime) -> None:
        """Mail a notice, with the link that undoes what it tells."""
        gaps = {"not_me": _link(notice, person, now)} if "not_me" in letters.gaps_of(notice) else {}
        send(person or address, Message(MessageClass.SECURITY, notice, gaps), address=address, now=now)

    def send_alert(self, alert: Alert, *, person: UUID, gaps: Mapping[str, str], now: datetime) -> None:
        """Send an alert of the topic that its person can switch off."""
        more = {"not_me": not_me.link(person, at=now)} if "not_me" in letters.gaps_of(alert) else {}
        send(person, Message(Topic.SECURITY_ALERTS, alert, {**gaps, **more}), now=now)


def _link(notice: Notice, person: UUID | None, now: datetime) -> str:
    """Return the link; who is being erased has nothing left to shut, and is led to the sign-in."""
    if person is None:
        return settings.BASE_URL + reverse("account_login")
    return not_me.link(person, at=now, address_back=notice is Notice.ADDRESS_CHANGED)


def bring_in(person: UUID, now: datetime, **_: object) -> None:
    """Owe somebody who signed up the notice of a change that is to come."""
    notices.bring_in(person, now=now)
