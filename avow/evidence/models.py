"""
Nouns of this room: what waits for the log, the log itself, published texts, results of checks.

Why triggers as well as grants: the log's own role cannot change a row, and neither can the
tables' owner by mistake. Whoever switches the trigger off as superuser is found by
the check `the-log-adds-up`, and by everybody who kept a checkpoint.

Holds:    leaf, tile, checkpoint, policy version and binding are written once (migration 0001).
          No column names a person: a subject inside an entry is a salted commitment.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Row(models.Model):
    """What all rows of this room share: in a message they are named by their key, never by what they hold."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class Outbox(Row):
    """
    An act that was committed and that the log has not taken up yet; lies in both databases.

    erasure = NOT_PERSONAL: an entry holds commitments only, and leaves within a second.
    """

    id = models.BigAutoField(primary_key=True)
    entry_id = models.UUIDField(unique=True, db_comment="Random; how the act's own room asks for its receipt")
    entry = models.BinaryField()
    waiting_since = models.DateTimeField(
        db_default=Now(), db_comment="The database's clock: says how long the log is behind"
    )

    class Meta:
        db_table_comment = "Acts that wait for the log"


class Leaf(Row):
    """
    One entry of the log.

    erasure = NOT_PERSONAL: it names nobody, and its subject's key dies with the person.
    """

    index = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True, db_comment="The same act taken up twice would be refused here")
    entry = models.BinaryField()
    hash = models.BinaryField(db_comment="RFC 6962 leaf hash of the entry")

    class Meta:
        db_table_comment = "The log: append only"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(index__gte=0), name="leaf_index_counts_from_zero"),
        ]


class Tile(Row):
    """
    256 neighbouring hashes of the tree, once they are complete (C2SP tlog-tiles).

    erasure = NOT_PERSONAL: hashes of hashes.
    """

    pk = models.CompositePrimaryKey("level", "number")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField(db_comment="The hash over all 256: one hash of the tile above")

    class Meta:
        db_table_comment = "Full tiles of the log's tree"


class Checkpoint(Row):
    """
    The log's signed word about its size and content, one for each commit.

    erasure = NOT_PERSONAL: a number and a hash.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField(db_comment="C2SP signed note, as it is served")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Signed checkpoints of the log"


class Statement(Row):
    """
    The body of something that a person carries away: certificate or receipt; an export's list of files is kept nowhere.

    erasure = TOKEN: it names nobody; the person who holds the token can tell that it is theirs.
    """

    entry_id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    body = models.BinaryField(db_comment="Canonical JSON; its sha256 stands in the log")

    class Meta:
        db_table_comment = "What certificates and manifests say; never changed, see trigger"


class PolicyVersion(Row):
    """
    A published text of the policy.

    erasure = NOT_PERSONAL: the company's own public text.
    """

    number = models.BigAutoField(primary_key=True)
    sha256 = models.TextField(unique=True)
    parent = models.TextField(unique=True, db_comment="sha256 of the version before; empty for the first: one chain")
    raw = models.BinaryField(db_comment="The text as it was published, byte for byte")
    effective_date = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.TextField(db_comment="An office or a program, not a name")
    entry_id = models.UUIDField(unique=True)

    class Meta:
        db_table_comment = "Published policies: never changed"


class PolicyBinding(Row):
    """
    The table of clauses that a published text is bound to; the newest one counts.

    erasure = NOT_PERSONAL: the company's own clauses.toml.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="bindings")
    sha256 = models.TextField()
    clauses = models.BinaryField()
    bound_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What each sentence of a published text is bound to"


class CheckResult(Row):
    """
    The newest result of one live check.

    erasure = NOT_PERSONAL: the reason is a fixed sentence of the check.
    """

    check_name = models.TextField(primary_key=True)
    at = models.DateTimeField()
    why = models.TextField(db_comment="Why it does not hold; empty when it does")
    since = models.DateTimeField(db_comment="Since when it has held, or not held, without a break")
    took_ms = models.IntegerField()

    class Meta:
        db_table_comment = "The newest result of each live check"


class CheckDay(Row):
    """
    How one live check went on one day; kept for 90 days.

    erasure = AGGREGATE: counts of runs.
    """

    check_name = models.TextField()
    day = models.DateField()
    held = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    why = models.TextField(db_comment="The day's last reason; empty when it never failed")

    class Meta:
        db_table_comment = "Days of live checks"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["check_name", "day"], name="one_row_a_check_and_day"),
        ]


class Attestation(Row):
    """
    Somebody answers by hand for a promise that no machine can test.

    erasure = NOT_PERSONAL: the office that answers, not the name of who holds it.
    """

    id = models.BigAutoField(primary_key=True)
    promise = models.TextField()
    who = models.TextField(db_comment="The office, as the public page shows it")
    statement = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    entry_id = models.UUIDField(unique=True)

    class Meta:
        db_table_comment = "Promises that people answer for, and until when"
