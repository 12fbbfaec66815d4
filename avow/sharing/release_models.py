"""Nouns of releases to partners: what is proposed, who approved, what was spent, the link under which it is read."""

# ruff: noqa: DJ008 - a row has no name to show

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

MOVES: dict[str, frozenset[str]] = {
    "proposed": frozenset({"proposed", "checked", "refused", "withdrawn"}),
    "refused": frozenset({"proposed", "checked", "refused", "withdrawn"}),
    "checked": frozenset({"proposed", "checked", "approved", "refused", "withdrawn"}),
    "approved": frozenset({"proposed", "checked", "publishing", "refused", "withdrawn"}),
    "publishing": frozenset({"publishing", "published", "refused"}),  # a crash here leaves what was spent, spent
    "published": frozenset(),
    "withdrawn": frozenset(),
}
IN_PREPARATION = ("checked", "approved", "publishing")
SHA = 64  # hex digits


class Release(models.Model):
    """
    One release to a partner, from its proposal to its file.

    erasure = DERIVED: until it is published only a specification and figures about it, which are dropped when somebody
    leaves; no row of anybody is kept. What is published is anonymous, so it lies here in clear.
    """

    id = models.UUIDField(primary_key=True)
    partner = models.UUIDField(db_index=True, db_comment="A recipient of the vault")
    kind = models.CharField(max_length=16)
    spec = models.JSONField(db_comment="What is released, written down whole")
    spec_sha = models.CharField(max_length=SHA, db_comment="What officers approve")
    state = models.CharField(max_length=12)
    proposed_by = models.UUIDField(null=True, db_comment="An officer; null once they are erased, or from a shell")
    proposed_at = models.DateTimeField()
    reasons = models.JSONField(default=list, db_comment="Why it was refused, in sentences")
    figures = models.JSONField(default=dict, db_comment="Price and error, or levels, loss and suppressed rows")
    counted_at = models.DateTimeField(null=True, db_comment="When the figures were made; null: again at publishing")
    attempt = models.UUIDField(null=True, db_comment="The attempt at publishing that may still finish")
    attempt_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    table = models.BinaryField(null=True, db_comment="The CSV file as the partner gets it")
    descriptor = models.BinaryField(null=True, db_comment="The JSON file that says what the table is")
    egress = models.UUIDField(null=True, db_comment="The line in the ledger of what left")

    class Meta:
        db_table = "sharing_release"
        db_table_comment = "Releases to partners; no row of a person before, anonymous after publishing"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(MOVES)), name="release_state_known"),
            models.CheckConstraint(
                condition=Q(state="published", table__isnull=False, descriptor__isnull=False, egress__isnull=False)
                | ~Q(state="published") & Q(table=None, descriptor=None, egress=None),
                name="release_has_its_files_when_published",
            ),
            models.UniqueConstraint(
                fields=["spec_sha"], condition=Q(state__in=["publishing", "published"]), name="release_once"
            ),
        ]


class Approval(models.Model):
    """
    That one officer approved one specification.

    erasure = DERIVED: an officer's random number; removed, or emptied where the release is published.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="approvals")
    officer = models.UUIDField(null=True, db_index=True)
    spec_sha = models.CharField(max_length=SHA)
    at = models.DateTimeField()

    class Meta:
        db_table = "sharing_approval"
        db_table_comment = "Two of different officers are needed, for the very specification"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "officer"], name="approval_once_an_officer"),
        ]


class Budget(models.Model):
    """
    One data set's budget of one year of use: the row that two reservations wait for.

    erasure = NOT_PERSONAL: a name and a year.
    """

    pk = models.CompositePrimaryKey("dataset", "year")
    dataset = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "sharing_budget"
        db_table_comment = "Locked while something is reserved, so that two never see the same rest"


class Spend(models.Model):
    """
    Budget that was spent, before anything was counted.

    erasure = NOT_PERSONAL: thousandths. The database itself refuses to remove or lower a row.
    """

    id = models.UUIDField(primary_key=True)
    dataset = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    partner = models.UUIDField(db_index=True)
    release = models.UUIDField()
    spec_sha = models.CharField(max_length=SHA)
    thousandths = models.PositiveIntegerField()
    reserved_at = models.DateTimeField()
    committed_at = models.DateTimeField(
        null=True, db_comment="Null: it was under way, or a crash came; spent all the same"
    )

    class Meta:
        db_table = "sharing_spend"
        db_table_comment = "The ledger of privacy budget; a sum over it is what was spent"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(thousandths__gte=1), name="spend_is_something"),
        ]


class Handover(models.Model):
    """
    A link under which a partner reads one release.

    erasure = NOT_PERSONAL: the hash of a random token, times and counts of a company's reading.
    """

    token_sha = models.CharField(max_length=SHA, primary_key=True)
    release = models.ForeignKey(Release, models.PROTECT, related_name="handovers")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    downloaded = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "sharing_handover"
        db_table_comment = "Links to releases; the token itself is kept nowhere"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="handover_ends_later"),
        ]
