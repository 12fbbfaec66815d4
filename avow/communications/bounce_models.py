"""Nouns: that mail to an address came back."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Bounce(models.Model):
    """
    That on a day mail to an address of a person came back, and how.

    erasure = DERIVED: a random number, a keyed hash of the address and a status; the row goes with the person.
    """

    person = models.UUIDField(db_index=True)
    mac = models.BinaryField(max_length=32, db_comment="Keyed hash of the address that it is about")
    severity = models.TextField(db_comment="hard, soft or spam")
    status = models.TextField(default="", db_comment="Enhanced status code of RFC 3463; empty for spam or none said")
    day = models.DateField()
    at = models.DateTimeField(db_comment="The last time on that day")
    lifted_at = models.DateTimeField(null=True, db_comment="When it stopped to count")

    class Meta:
        app_label = "communications"
        db_table_comment = "Mail that came back; one row a person, address, severity and day"
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_bounce_a_day", fields=["person", "mac", "severity", "day"]),
            models.CheckConstraint(name="bounce_is_known", condition=Q(severity__in=["hard", "soft", "spam"])),
            models.CheckConstraint(name="bounce_lifted_after", condition=Q(lifted_at=None) | Q(lifted_at__gte=F("at"))),
        ]

    def __str__(self) -> str:
        """Say how bad."""
        return f"{self.severity} {self.status}".strip()
