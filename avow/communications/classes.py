"""
The kinds of messages that may leave, and why each may.

Why so few: a message that is not the answer to a person's own act has a topic that the policy names and the
person can switch off, security alerts included; or it is a notice that the law or the policy owes, whose mail can
be switched off and which then still reaches the account. That something went wrong with a person's data is told
like the receipt of an act on their account: it answers what happened to them, and no switch stands before it.

Holds:    each kind opens an address for one purpose only, and ends: a message that waited longer than its
          kind allows is not sent. What is OPTIONAL carries a link that ends mails of its kind; the rest
          answers an act of one's own and has no switch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from avow.errors import BadInput
from avow.policy.purposes import Purpose


class MessageClass(StrEnum):
    """Why this message may be sent without asking; the value stands in the ledger."""

    CODE = "code"  # a code that this person asked for a moment ago
    SECURITY = "security"  # a receipt of an act on one's own account
    ANSWER = "answer"  # the answer to one's own request
    NOTICE = "notice"  # legally owed, as a change of the policy; its mail can be switched off, the notice cannot
    BREACH = "breach"  # an incident touched this person's data (GDPR Art. 34); no switch


class Topic(StrEnum):
    """What the policy lets a company write about; each can be switched off."""

    ANNOUNCEMENTS = "announcements"
    SECURITY_ALERTS = "security-alerts"
    NEW_VERSIONS = "new-versions"
    USAGE = "usage"


class Channel(StrEnum):
    """By which way a message goes; the value stands in the queue and in the ledger."""

    MAIL = "mail"  # to an address, by the SMTP relay
    TEXT = "text"  # to a phone number, by the text gateway


Kind = MessageClass | Topic
BY_NAME: Mapping[str, Kind] = MappingProxyType({kind.value: kind for kind in (*MessageClass, *Topic)})
OPTIONAL: frozenset[Kind] = frozenset({*Topic, MessageClass.NOTICE})
TO_MANY: frozenset[Kind] = OPTIONAL | {MessageClass.BREACH}  # whatever may say the same to many, and goes in runs
PURPOSE: Mapping[Kind, Purpose] = MappingProxyType(
    {
        MessageClass.CODE: Purpose.ACCOUNT,
        MessageClass.SECURITY: Purpose.SECURITY,
        MessageClass.ANSWER: Purpose.RIGHTS,
        MessageClass.NOTICE: Purpose.COMMUNICATION,
        MessageClass.BREACH: Purpose.RIGHTS,  # no text can leave it out, and no objection stops it
        **dict.fromkeys(Topic, Purpose.COMMUNICATION),
    }
)
LASTS: Mapping[Kind, timedelta] = MappingProxyType(
    {
        MessageClass.CODE: timedelta(minutes=10),
        MessageClass.SECURITY: timedelta(days=3),
        MessageClass.ANSWER: timedelta(days=3),
        MessageClass.NOTICE: timedelta(days=7),
        MessageClass.BREACH: timedelta(days=7),
        **dict.fromkeys(Topic, timedelta(days=3)),
    }
)
ABOUT: Mapping[Kind, str] = MappingProxyType(
    {
        Topic.ANNOUNCEMENTS: "news of our products",
        Topic.SECURITY_ALERTS: "security",
        Topic.NEW_VERSIONS: "new versions",
        Topic.USAGE: "how you use the service",
        MessageClass.NOTICE: "legal notices",
    }
)


def kind_of(name: str) -> Kind:
    """Return the kind of this name; what is in neither list is no message of ours."""
    if found := BY_NAME.get(name):
        return found
    raise BadInput("There is no kind of message by that name; a message has a class or one of the policy's topics.")


@dataclass(frozen=True)
class Message:
    """One message to one person: which letter, and what goes into its gaps."""

    kind: Kind
    letter: str  # the name of a file in letters/
    gaps: Mapping[str, str] = field(default_factory=dict)
    campaign: UUID | None = None  # the sending to all that it belongs to
