"""
Nouns of legal holds: a hold, signed by two at each step, and what it keeps.

Holds:    the database itself refuses a second signature by the same hand, an end more than ninety days ahead, a hold
          that stands without its own key, and one that is over and still names somebody.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from avow.vault.holds_states import KEYED, OVER, SIGNED, State
from avow.vault.widths import DIGEST

LONGEST_HOLD = timedelta(days=90)
SIGNERS = ("proposed_by", "confirmed_by", "longer_by", "prolonged_by", "release_by", "released_by")  # of a hold


def _by_another(first: str, second: str) -> Q:
    """Return the rule that a second signature is another officer's than the first."""
    return Q(**{second: None}) | (Q(**{f"{first}__isnull": False}) & ~Q(**{second: models.F(first)}))


def _in(states: Collection[State]) -> Q:
    """Return that a hold is in one of these states, in the words of the column."""
    return Q(state__in=sorted(state.value for state in states))


class Hold(models.Model):
    """
    That some fields of one person are kept because of a legal duty, by whom, on what it rests, and until when.

    Why the two signatures stand in one row: so that the database itself refuses a second one by the same hand, and any
    by the officer whom the hold is about.

    erasure = NOT_PERSONAL: outlives the person until it ends, with a random number that leads to no key but its own;
    the number is emptied at its end.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.UUIDField(null=True, db_index=True, db_comment="Whose; emptied when the hold ends")
    fields = models.JSONField(db_comment="Names of the fields in scope")
    collected_from = models.DateTimeField(null=True, db_comment="Only values given from here on; empty: from the first")
    collected_to = models.DateTimeField(null=True, db_comment="Only values given up to here; empty: to the last")
    basis = models.TextField(db_comment="Where the basis lies: a file number, never a name of the person")
    gagged = models.BooleanField(default=False, db_comment="Whether it is forbidden to tell the person")
    state = models.CharField(max_length=8, default=State.PROPOSED.value, db_comment="A name of holds_states.MOVES")
    proposed_by = models.UUIDField(db_comment="The officer, by their own number")
    confirmed_by = models.UUIDField(null=True, db_comment="A second officer")
    proposed_at = models.DateTimeField()
    until = models.DateTimeField(db_comment="It ends by itself; at most ninety days after until_set_at")
    until_set_at = models.DateTimeField(db_comment="When it was proposed, or last prolonged")
    longer_until = models.DateTimeField(null=True, db_comment="A longer end, proposed and not confirmed yet")
    longer_by = models.UUIDField(null=True, db_comment="Who proposed the newest longer end")
    prolonged_by = models.UUIDField(null=True, db_comment="Who confirmed it, a second officer")
    release_by = models.UUIDField(null=True, db_comment="Who proposed to release it before its day")
    released_by = models.UUIDField(null=True, db_comment="Who confirmed that, a second officer")
    subject = models.UUIDField(null=True, db_comment="The hold's own key, from its second signature to its end")
    kept_at = models.DateTimeField(null=True, db_comment="When the person was erased and the fields were kept")
    ending_since = models.DateTimeField(null=True, db_comment="When it ceased to stand; its key is being destroyed")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Legal holds: which fields of whom are kept, and until when"
        constraints: ClassVar = [
            models.CheckConstraint(name="hold_state_known", condition=Q(state__in=[state.value for state in State])),
            models.CheckConstraint(
                name="hold_confirmed_by_another", condition=_by_another("proposed_by", "confirmed_by")
            ),
            models.CheckConstraint(
                name="hold_prolonged_by_another", condition=_by_another("longer_by", "prolonged_by")
            ),
            models.CheckConstraint(name="hold_released_by_another", condition=_by_another("release_by", "released_by")),
            models.CheckConstraint(
                name="hold_stands_when_two_signed",
                condition=~_in(SIGNED) | Q(confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_ends_within_ninety_days",
                condition=Q(until__gt=models.F("until_set_at"), until__lte=models.F("until_set_at") + LONGEST_HOLD),
            ),
            models.CheckConstraint(
                name="hold_ends_on_its_day_or_by_two",
                condition=~_in({State.ENDING, State.ENDED})
                | Q(Q(ending_since__gte=models.F("until")) | Q(released_by__isnull=False), ending_since__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_has_a_key_while_it_stands",
                condition=_in(KEYED) & Q(subject__isnull=False) | ~_in(KEYED) & Q(subject=None),
            ),
            models.CheckConstraint(
                name="hold_that_is_over_names_nobody",
                condition=_in(OVER) & Q(person=None, ended_at__isnull=False)
                | ~_in(OVER) & Q(person__isnull=False, ended_at=None),
            ),
            models.CheckConstraint(
                name="hold_not_signed_by_whom_it_is_about",
                condition=Q(person=None)
                | Q(*[~Q(**{signer: models.F("person")}) | Q(**{signer: None}) for signer in SIGNERS]),
            ),
            models.CheckConstraint(
                name="hold_dates_in_order",
                condition=Q(collected_from=None)
                | Q(collected_to=None)
                | Q(collected_from__lte=models.F("collected_to")),
            ),
        ]


class Origin(models.TextChoices):
    """Where a held value lay."""

    FIELD = "field", "among the fields that its person gave"
    ADDRESS = "address", "among the addresses under which they could be reached"


class HeldField(models.Model):
    """
    A value that a hold keeps: of somebody who was erased, or who replaced it while the hold stood.

    erasure = SEALED: under the hold's own key, which is destroyed when the hold ends; the row is removed too.
    """

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="held")
    field = models.CharField(max_length=80)
    origin = models.CharField(max_length=7, choices=Origin)
    place = models.CharField(
        max_length=32, db_comment="Which value it is, under the hold's key: keeping it twice keeps it once"
    )
    policy = models.CharField(max_length=DIGEST, db_comment="sha256 of the policy it was collected under")
    collected_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, db_comment="When its person replaced or removed it")
    kept_at = models.DateTimeField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "What holds keep, each value under its hold's own key"
        constraints: ClassVar = [
            models.UniqueConstraint(name="held_once", fields=["hold", "place"]),
            models.CheckConstraint(name="held_origin_known", condition=Q(origin__in=Origin.values)),
        ]
