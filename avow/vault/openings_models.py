"""
Nouns of what staff open: a case for one officer, one person and one reason, and the counts that outlive it.

Holds:    the database refuses a case on oneself, one without a known reason, and one that lasts longer than a day.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q


class OpeningReason(models.TextChoices):
    """Why an officer may look: the closed list."""

    REQUEST = "request", "a request or letter from the person"
    QUESTION = "question", "a question that came another way"
    SECURITY = "security", "the safety of the account"
    LAW = "law", "a disclosure that the law asks for"
    CORRECTION = "correction", "a correction that was asked for"


class OpeningCase(models.Model):
    """
    That one officer may open one person's data for a reason, until when, and how often they did.

    erasure = DERIVED: numbers beside a random one; the row goes with its person, and only counts by day stay.
    """

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField(
        db_index=True, db_comment="Whose data; also a request's own key, while nobody knows whose"
    )
    officer = models.UUIDField(db_comment="Who looks, by their own number; never the person themselves")
    reason = models.CharField(max_length=12, choices=OpeningReason)
    reference = models.CharField(max_length=40, blank=True, db_comment="The officer's own file number, never a name")
    since = models.DateTimeField()
    until = models.DateTimeField(db_comment="It ends by itself, a day later at most")
    ended_at = models.DateTimeField(null=True, db_comment="When somebody ended it before")
    whole = models.PositiveIntegerField(default=0, db_comment="Openings that gave whole values")
    masked = models.PositiveIntegerField(default=0, db_comment="Openings that gave masks")
    compared = models.PositiveIntegerField(default=0, db_comment="Openings that gave a yes or a no")
    tries = models.JSONField(default=dict, db_comment="Comparisons by name of field, to limit them")

    class Meta:
        db_table_comment = "Cases of officers for persons; staff open nothing without a standing one"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(reason__in=OpeningReason.values), name="opening_reason_known"),
            models.CheckConstraint(condition=~Q(officer=models.F("person")), name="opening_never_on_oneself"),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("since")) & Q(until__lte=models.F("since") + timedelta(hours=24)),
                name="opening_ends_within_a_day",
            ),
        ]

    @property
    def opened(self) -> int:
        """How many openings it counts, in whatever form."""
        return self.whole + self.masked + self.compared

    @property
    def ends(self) -> datetime:
        """When it ended, or will."""
        return min(self.ended_at, self.until) if self.ended_at else self.until


class OpeningCount(models.Model):
    """
    How often staff opened something on a day, by form, of persons who were erased since.

    erasure = AGGREGATE: counts; neither whose data nor which officer.
    """

    day = models.DateField()
    form = models.CharField(max_length=8)
    opened = models.PositiveIntegerField()

    class Meta:
        db_table_comment = "Openings by staff of a day, kept when their cases went with the person"
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "form"], name="opening_count_one_row")]
