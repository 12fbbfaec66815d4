"""
The kinds of messages that may leave, and why each may.

Why so few: a message that is not the answer to a person's own act needs a topic that the
policy names and the person can switch off. Topics come with the opt-out; until both stand, they are refused.

Holds:    each class opens an address for one purpose only, and ends: a message that
          waited longer than its class allows is not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from avow.policy.purposes import Purpose


class MessageClass(StrEnum):
    """Why this message may be sent without asking; the value stands in the ledger."""

    CODE = "code"  # a code that this person asked for a moment ago
    SECURITY = "security"  # a receipt of an act on one's own account
    ANSWER = "answer"  # the answer to one's own request
    NOTICE = "notice"  # that the policy changes; who declined its mail has it in the account


class Topic(StrEnum):
    """What the policy lets a company write about; refused until each can be switched off (issue 6)."""

    ANNOUNCEMENTS = "announcements"
    SECURITY_ALERTS = "security-alerts"
    NEW_VERSIONS = "new-versions"
    USAGE = "usage"


PURPOSE: Mapping[MessageClass, Purpose] = MappingProxyType(
    {
        MessageClass.CODE: Purpose.ACCOUNT,
        MessageClass.SECURITY: Purpose.SECURITY,
        MessageClass.ANSWER: Purpose.RIGHTS,
        MessageClass.NOTICE: Purpose.COMMUNICATION,  # so that who objected to being written to gets none
    }
)
LASTS: Mapping[MessageClass, timedelta] = MappingProxyType(
    {
        MessageClass.CODE: timedelta(minutes=10),
        MessageClass.SECURITY: timedelta(days=3),
        MessageClass.ANSWER: timedelta(days=3),
        MessageClass.NOTICE: timedelta(days=30),
    }
)


@dataclass(frozen=True)
class Message:
    """One message to one person: which letter, and what goes into its gaps."""

    kind: MessageClass | Topic
    letter: str  # the name of a file in letters/
    gaps: Mapping[str, str] = field(default_factory=dict)
