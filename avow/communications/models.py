"""Nouns of this room: what waits to go out, the ledger of what went, announcements, and notices of a changed policy."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

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


class Announcement(models.Model):
    """
    Something that was told to everybody on the site.

    erasure = NOT_PERSONAL: the company's own words, to everybody.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=16)
    title = models.TextField()
    text = models.TextField()
    version = models.CharField(  # noqa: DJ001 - null, since many announce no version and the others are unique
        max_length=64, null=True, unique=True, db_comment="sha256 of the text it announces: one announcement a version"
    )
    published_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table_comment = "What was announced on the site, newest first"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="policy") ^ Q(version=None), name="announcement_of_a_policy_names_its_version"
            ),
        ]

    def __str__(self) -> str:
        """Say what it announces."""
        return self.title


class PolicyNotice(models.Model):
    """
    That one person is owed the notice of one version, and how far it has come.

    erasure = DERIVED: times beside a random number; removed with the person.
    """

    person = models.UUIDField()
    version = models.CharField(max_length=64, db_comment="sha256 of the text that changed the policy")
    effective_at = models.DateTimeField(db_comment="When it takes effect: midnight UTC of its date")
    due_at = models.DateTimeField(db_comment="When the person came into the audience")
    mailed_at = models.DateTimeField(null=True, db_comment="Handed to the one door for messages, which did not stop it")
    account_at = models.DateTimeField(null=True, db_comment="Laid into the account, for whoever signs in next")
    shown_at = models.DateTimeField(null=True, db_comment="A page that carried the notice was answered to the person")
    accepted_at = models.DateTimeField(
        null=True, db_comment="First use of the service after both: in effect, and shown"
    )

    class Meta:
        db_table_comment = "Notices of changed policies, one a person and version"
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(account_at=None), name="notice_waits")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "version"], name="notice_once_a_person_and_version"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__gt=F("shown_at"), accepted_at__gte=F("effective_at")),
                name="notice_accepted_after_shown_and_in_effect",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(shown_at__isnull=False), name="notice_accepted_only_when_shown"
            ),
        ]

    def __str__(self) -> str:
        """Name the row by its numbers."""
        return f"{self.person} {self.version[:8]}"
