"""That an application must still be told that somebody left."""

from typing import ClassVar
from uuid import uuid4

from django.db import models


class LogoutNotice(models.Model):
    """
    One application, and the name under which it knew somebody who signed out or was erased.

    erasure = DERIVED: no person of ours; the name was made with the person's key. The row goes when the application has
    answered, or after the last try, a day later.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client_id = models.CharField(max_length=100)
    sub = models.CharField(max_length=64, db_comment="The person's name at this application")
    sid = models.CharField(max_length=64, blank=True, db_comment="The browser's session there; empty: all of them")
    at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table_comment = "Applications that must still be told that somebody left"
        constraints: ClassVar = [models.CheckConstraint(name="names_somebody", condition=~models.Q(sub=""))]

    def __str__(self) -> str:
        """Name the row, which names nobody."""
        return str(self.id)
