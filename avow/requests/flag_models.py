"""Nouns of flags: an account that an officer must look at, and what they may say."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q


class FlagKind(models.TextChoices):
    """What was said about whose account it is."""

    MINOR = "minor", "it seems to be a child’s"
    DECEASED = "deceased", "its person is said to have died"


class Decision(models.TextChoices):
    """What an officer can say; nothing follows a decision."""

    WRONG = "wrong", "it was not so: the account goes on as before"
    AGREED = "agreed", "who may decide for them wants it kept: the account goes on as before"
    ERASE = "erase", "the account is erased"


class Flag(models.Model):
    """
    That an account seems to be a child's, or of somebody who died, and what an officer decided.

    erasure = DERIVED: a word beside a random number; the row goes with the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=8, choices=FlagKind)
    reference = models.CharField(max_length=40, default="", db_comment="The file number of what was read; no name")
    put_at = models.DateTimeField()
    put_by = models.UUIDField(db_comment="Who of the desk, by their own number")
    decision = models.CharField(max_length=8, choices=Decision, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True, db_comment="The officer, by their own number")

    class Meta:
        db_table_comment = "Accounts that an officer looks at: a child's, it seems, or of somebody who died"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(decision=""), name="flag_one_open_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=FlagKind.values), name="flag_kind_known"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=Decision.values, decided_at__isnull=False, decided_by__isnull=False),
                name="flag_decided_by_somebody_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("person")), name="flag_not_decided_by_its_person"
            ),
        ]

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return str(self.pk)
