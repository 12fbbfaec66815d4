"""
Ending messages by topic: the act that a mail's wish calls.

Only what the mailbox needs of it: the room's own switch, its table and its link come from the branch of messages,
whose file replaces this one.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from avow.communications.classes import Topic
from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.vault.attesting import attest


def opt_out(person: UUID, topics: Collection[Topic] | None, *, way: str, now: datetime) -> int:  # noqa: ARG001 - the contract's
    """End messages of these topics, of all when none are named; return how many that waited were stopped."""
    attest(person, Act.OPTED_OUT, promise=Promise.OPT_OUT, now=now)
    return 0
