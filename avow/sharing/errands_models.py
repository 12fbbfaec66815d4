"""What agents are told: one row for each delivery, correction and order to delete."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from avow.sharing.errands_states import Kind, State


class Errand(models.Model):
    """
    One thing that an agent is told about one person; the values themselves are not here.

    erasure = DERIVED: names of fields beside a random number, removed with the person. An order to delete outlives
    them: it names no person, and the name under which the agent knows them is emptied when the agent has answered.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agent = models.UUIDField(db_index=True, db_comment="A recipient of the kind agent")
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=9, default=State.WAITING)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; none for an order to delete")
    pseudonym = models.CharField(
        max_length=32, default="", db_comment="The agent's own name for who was erased; emptied once it has answered"
    )
    request = models.UUIDField(null=True, db_index=True, db_comment="The erasure that an order to delete belongs to")
    fields = models.JSONField(db_comment="Names of fields; of an order, what the agent had received")
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    egress = models.UUIDField(null=True, db_comment="The ledger's row of what left, from the first try on")
    receipt = models.BinaryField(null=True, db_comment="SHA-256 of the agent's answer")
    signed = models.BooleanField(default=False, db_comment="Whether the agent signed its answer")

    class Meta:
        db_table_comment = "What agents are told about persons: which fields, when, and what became of it"
        constraints: ClassVar = [
            models.CheckConstraint(name="errand_kind_known", condition=Q(kind__in=[kind.value for kind in Kind])),
            models.CheckConstraint(name="errand_state_known", condition=Q(state__in=[one.value for one in State])),
            models.CheckConstraint(
                name="errand_of_a_person_or_an_order",
                condition=Q(kind=Kind.DELETION.value, person=None, request__isnull=False)
                | (~Q(kind=Kind.DELETION.value) & Q(person__isnull=False, request=None, pseudonym="")),
            ),
            models.CheckConstraint(
                name="errand_settled_or_open",
                condition=Q(state=State.WAITING.value, settled_at=None)
                | (~Q(state=State.WAITING.value) & Q(settled_at__isnull=False)),
            ),
            models.UniqueConstraint(name="errand_one_order_an_erasure", fields=["request", "agent"]),
        ]

    def __str__(self) -> str:
        """Say what it is and where it stands."""
        return f"{self.kind}: {self.state}"
