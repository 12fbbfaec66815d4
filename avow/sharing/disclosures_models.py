"""Cases in which the law asks for something: scope, basis, two officers, what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from avow.sharing.disclosures_states import Class, State

SCOPE = Q(until__gt=F("since"))
SIGNED = Q(approved_by__isnull=False) | Q(state__in=[State.DRAFTED.value, State.WITHDRAWN.value])


class Disclosure(models.Model):
    """
    One case of the law about one person.

    erasure = SEALED: note and package lie under the person's key; at erasure the person's number is emptied, and what
    stays says that a case was, on what it rested, who signed it and which fields it named.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recipient = models.UUIDField(db_comment="The authority, in the table of recipients")
    kind = models.CharField(max_length=13, db_comment="Legal process, terms or safety")
    basis = models.TextField(db_comment="Where the basis lies: a file number, never a name of the person")
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; emptied at erasure")
    hold = models.UUIDField(
        null=True, db_comment="The legal hold that kept what is in scope of an erased person; its key is then `person`"
    )
    fields = models.JSONField(db_comment="Names of the fields in scope")
    since = models.DateTimeField(db_comment="Values that held from here on are in scope")
    until = models.DateTimeField(db_comment="and until here")
    sealed_note = models.BinaryField(null=True, db_comment="Why it is necessary, under the person's key")
    sealed_package = models.BinaryField(null=True, db_comment="What will be handed over, under the person's key")
    state = models.CharField(max_length=11, default=State.DRAFTED)
    drafted_by = models.UUIDField(db_comment="The officer, by their own number")
    approved_by = models.UUIDField(null=True, db_comment="A second officer")
    drafted_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    withheld_until = models.DateTimeField(null=True, db_comment="Until then it is forbidden to tell the person")
    grant = models.UUIDField(null=True)
    egress = models.UUIDField(null=True)
    digest = models.BinaryField(null=True, db_comment="SHA-256 of the package")

    class Meta:
        db_table_comment = "Cases in which the law asked for data of one person"
        constraints: ClassVar = [
            models.CheckConstraint(name="disclosure_state_known", condition=Q(state__in=[one.value for one in State])),
            models.CheckConstraint(name="disclosure_kind_known", condition=Q(kind__in=[one.value for one in Class])),
            models.CheckConstraint(name="disclosure_scope_ends", condition=SCOPE),
            models.CheckConstraint(name="disclosure_signed_by_two", condition=SIGNED),
            models.CheckConstraint(
                name="disclosure_two_are_two", condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by"))
            ),
        ]

    def __str__(self) -> str:
        """Say on what it rests and where it stands."""
        return f"{self.kind}: {self.state}"
