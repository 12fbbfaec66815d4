"""
Nouns of conversations: a case, what was said in it, and a confirmation that waits.

Holds:    the database itself refuses a case that is closed and was not answered, unless its person was erased; two
          open cases of one kind for one person; a case under two keys.
"""

import secrets
import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from avow.requests.case_states import OPEN, CaseKind, CaseState, Outcome

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
WAYS = ("mail", "web", "check")


def new_case_number() -> str:
    """Draw a number that can be read aloud and not be guessed: 60 random bits, as ABCD-EFGH-JKMN."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


class Case(models.Model):
    """
    One wish or question that came by mail or form, and what becomes of it.

    erasure = DERIVED: `person` is emptied when the person is erased, `subject` when its key is destroyed after the
    end; the other columns are kind, dates and outcome, which name nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=14, unique=True, default=new_case_number, db_comment="Random; in mails")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12, default="")
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; emptied when they are erased")
    subject = models.UUIDField(null=True, db_comment="The key of its own, when the sender is unknown")
    sender = models.BinaryField(null=True, db_comment="Blind index of an unknown sender's address")
    received_at = models.DateTimeField(db_comment="When it came; the clock runs from here")
    due_at = models.DateTimeField(db_comment="received_at plus the days that the policy in force promises")
    moved_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, db_comment="The first answer")
    closed_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=8, db_comment="mail, web, or check for a live check")
    policy = models.CharField(max_length=64, db_comment="SHA-256 of the policy in force when it came")

    class Meta:
        db_table_comment = "Cases; whose they are is kept until the person is erased or the key destroyed"
        constraints = [
            models.CheckConstraint(name="case_kind_known", condition=Q(kind__in=[kind.value for kind in CaseKind])),
            models.CheckConstraint(name="case_way_known", condition=Q(way__in=WAYS)),
            models.CheckConstraint(
                name="case_ends_with_an_outcome",
                condition=Q(state__in=sorted(OPEN), closed_at__isnull=True, outcome="")
                | Q(state=CaseState.CLOSED.value, closed_at__isnull=False, outcome__in=[out.value for out in Outcome]),
            ),
            models.CheckConstraint(
                name="case_never_closed_unanswered",
                condition=~Q(state=CaseState.CLOSED.value)
                | Q(answered_at__isnull=False)
                | Q(outcome=Outcome.WITHDRAWN.value),
            ),
            models.CheckConstraint(
                name="case_under_one_key", condition=Q(person__isnull=True) | Q(subject__isnull=True)
            ),
            models.CheckConstraint(name="case_due_after_received", condition=Q(due_at__gte=F("received_at"))),
            models.UniqueConstraint(
                name="case_one_open_of_a_kind", fields=["person", "kind"], condition=Q(state__in=sorted(OPEN))
            ),
        ]

    def __str__(self) -> str:
        """Name the case by its number."""
        return f"{self.kind} {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done or may come back."""
        return CaseState(self.state) in OPEN

    def late(self, now: datetime) -> bool:
        """Whether the promised day has passed without a first answer."""
        return self.is_open and self.answered_at is None and now > self.due_at


class CaseMessage(models.Model):
    """
    One thing that was said in a case.

    erasure = SEALED: under the case's person or its own key; the row goes with either.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    sealed = models.BinaryField(db_comment="Address of an unknown sender, subject, text, names of what was not read")
    writer = models.CharField(max_length=8, db_comment="person, staff or service; never who")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "What was said in cases, sealed"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="casemessage_writer_known", condition=Q(writer__in=["person", "staff", "service"])
            ),
        ]

    def __str__(self) -> str:
        """Say from which side it came."""
        return self.writer


class Confirmation(models.Model):
    """
    A link that was mailed to the address on file and waits for its button.

    erasure = DERIVED: the hash of 128 random bits; it means nothing without the link, and goes with its case.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="confirmations")
    digest = models.BinaryField(unique=True, db_comment="SHA-256 of the token in the link")
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Links that confirm a case, by their hash"

    def __str__(self) -> str:
        """Say whether it can still be used."""
        return "used" if self.used_at else "waiting"
