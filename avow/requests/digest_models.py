"""Nouns: that a month's summaries of use were made."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Digest(models.Model):
    """
    How far the summaries of one month are.

    erasure = NOT_PERSONAL: a month and counts; `reached` is the random number up to which it went, emptied at the end.
    """

    month = models.DateField(primary_key=True, db_comment="Its first day")
    reached = models.UUIDField(null=True)
    told = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "requests"
        db_table_comment = "Months of which people were told how they used the service"
        constraints: ClassVar = [
            models.CheckConstraint(name="digest_of_a_month", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        """Name the month."""
        return f"{self.month:%Y-%m}"
