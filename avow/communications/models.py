"""Nouns of this room: what waits to go out, the ledger of what went, and what came in."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

STATES = ("waiting", "kept", "sent", "expired", "failed", "withdrawn")
MOVES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"kept", "sent", "expired", "failed", "withdrawn"}),
    "kept": frozenset({"expired", "withdrawn"}),  # without a relay: shown in the demo's box, or not at all
    "sent": frozenset(),
    "expired": frozenset(),
    "failed": frozenset(),  # the relay refused it at every try
    "withdrawn": frozenset(),  # its person was erased
}


class Outgoing(models.Model):
    """
    One message that waits for its relay, or is kept because there is none.

    erasure = SEALED: address and text lie under the person's key, or under an installation key while
    the address is nobody's; the row is removed when the message went, ended, or its person is erased.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose key seals it; null: nobody's address yet")
    sealed = models.BinaryField(db_comment="Address, subject and text")
    kind = models.TextField(db_comment="A MessageClass; decides the purpose that opens it")
    queued_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True, db_comment="Not sent, and not kept, after this")

    class Meta:
        db_table_comment = "Messages that wait; empty rows do not exist, sent ones are removed"

    def __str__(self) -> str:
        """Name the message by its number."""
        return str(self.id)


class Ledger(models.Model):
    """
    That a message of this kind went, or why it did not; it names nobody.

    erasure = NOT_PERSONAL: kind, letter, times and outcome; the number leads to a person only while the message waits.
    """

    message = models.UUIDField(primary_key=True, editable=False)
    kind = models.TextField()
    letter = models.TextField()
    state = models.TextField()
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Every message that was asked for, and what became of it"
        constraints: ClassVar = [
            models.CheckConstraint(name="ledger_state_is_known", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="ledger_settled_or_waiting", condition=Q(state="waiting") ^ Q(settled_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """Say what became of it."""
        return f"{self.letter}: {self.state}"


class Incoming(models.Model):
    """
    One mail that came; its content waits here until it is taken up, and then lies in a case or nowhere.

    erasure = SEALED: the letter lies under its person's key, or under a key of its own while the sender is unknown;
    sender is a blind index and means nothing without the pepper; rows go after a month.
    """

    STATES: ClassVar = ("waiting", "case", "filed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.BinaryField(unique=True, db_comment="HMAC of Message-ID and content: the same mail twice is one")
    sender = models.BinaryField(null=True, db_index=True, db_comment="Blind index of the address, for limits")
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose key seals it while it waits")
    subject = models.UUIDField(null=True, db_comment="The key of its own of a mail from somebody unknown")
    sealed = models.BinaryField(null=True, db_comment="The letter; emptied when it is taken up")
    state = models.TextField()
    reason = models.TextField(default="", db_comment="Why it was filed without a case: a word of a closed list")
    answered = models.BooleanField(default=False, db_comment="Whether an automatic answer went")
    came_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "Mails that came; emptied once taken up, removed after a month"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="incoming_sealed_while_waiting",
                condition=Q(state="waiting", sealed__isnull=False)
                | Q(state__in=["case", "filed"], sealed__isnull=True, person__isnull=True),
            ),
            models.CheckConstraint(
                name="incoming_under_one_key", condition=Q(person__isnull=True) | Q(subject__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        """Say what became of it."""
        return f"{self.state} {self.reason}".strip()
