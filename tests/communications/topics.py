"""What the tests of topics send, and how they look at what became of it."""

import email
import email.policy
from datetime import UTC, datetime

from avow.communications import sending
from avow.communications.campaigns import LETTER
from avow.communications.classes import Message, MessageClass, Topic
from avow.communications.models import Ledger

TRIAL = {"subject": "News", "body": "Something new."}
USE = {"month": "May 2026", "days": "3 days", "lines": "/reports: 3"}


def now():
    return datetime.now(UTC)


def message(kind=Topic.ANNOUNCEMENTS):
    if kind is Topic.USAGE:
        return Message(kind, "usage-summary", USE)
    return Message(kind, "legal-notice" if kind is MessageClass.NOTICE else LETTER[kind], TRIAL)


def send(person, kind=Topic.ANNOUNCEMENTS, **more):
    return sending.send(person, message(kind), now=now(), **more)


def fate(number):
    row = Ledger.objects.get(pk=number)
    return row.state, row.reason


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)
