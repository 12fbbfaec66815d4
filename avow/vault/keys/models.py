"""
Nouns of avow_keys: epochs, covers, who has which slot, the blind index, the sealed index of acts.

    person ─ PersonSlot.slot ─ slot >> 8 = Bucket ─ cover (sealed) ─ leaf slot & 255 ─ K_p = HKDF(leaf, person)

Why a database of its own: the role that holds people's ciphertext cannot connect here, and
copies of the two are kept apart. Ciphertext may be backed up for years; these tables may not.

Holds:    no name, address or clear value lies here. The database itself refuses that an epoch
          dies while a cover still needs its key (a foreign key over epoch and `wraps`).
Does not: say which process holds a key: none does for longer than one act, so there is nothing to drop.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class EpochState(models.TextChoices):
    """The life of an epoch's key."""

    CURRENT = "current", "wraps every new cover"
    RETIRING = "retiring", "some covers still need it"
    CONDEMNED = "condemned", "no cover needs it; waits for the backups that do"
    DESTROYED = "destroyed", "every keyring acknowledged"


MOVES: dict[EpochState, frozenset[EpochState]] = {
    EpochState.CURRENT: frozenset({EpochState.RETIRING}),
    EpochState.RETIRING: frozenset({EpochState.CONDEMNED}),
    EpochState.CONDEMNED: frozenset({EpochState.DESTROYED}),
    EpochState.DESTROYED: frozenset(),
}
WRAPPING = (EpochState.CURRENT, EpochState.RETIRING)


class NextSlot(models.Func):
    """The next number of the sequence vault_slot: no lock, and gaps do no harm."""

    function = "nextval"
    template = "nextval('vault_slot')"
    arity = 0
    output_field = models.BigIntegerField()
    allowed_default = True


class Epoch(models.Model):
    """
    One destroyable key of the keyring, which seals covers; the key itself is never in a database.

    erasure = NOT_PERSONAL: a number and times.
    """

    number = models.PositiveIntegerField(primary_key=True)
    state = models.CharField(max_length=9, choices=EpochState)
    wraps = models.GeneratedField(
        expression=Q(state__in=["current", "retiring"]),  # type: ignore[arg-type]
        output_field=models.BooleanField(), db_persist=True,
        db_comment="Covers may be sealed under it; buckets point at (number, wraps), so it cannot turn false too soon",
    )  # fmt: skip
    began_at = models.DateTimeField()
    dies_at = models.DateTimeField(db_comment="Destroyed by then at the latest; only ever made earlier")
    retired_at = models.DateTimeField(null=True, db_comment="When the next epoch took over")
    condemned_at = models.DateTimeField(null=True, db_comment="When no cover needed it any more")
    condemned_lsn = models.TextField(null=True, db_comment="Where in the write-ahead log; standbys must be past it")  # noqa: DJ001 - none is not empty
    destroyed_at = models.DateTimeField(null=True, db_comment="When every keyring had acknowledged")
    installation = models.TextField(
        default="",
        db_default="",
        db_comment="Whose keyring made the key: a commitment under the pepper; tells a lost one",
    )

    class Meta:
        db_table_comment = "Epochs of the keyring; moves: current, retiring, condemned, destroyed"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=EpochState.values), name="epoch_state_known"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="current"), name="epoch_one_current"),
            models.UniqueConstraint(fields=["number", "wraps"], name="epoch_number_wraps"),
            models.CheckConstraint(
                condition=Q(state="destroyed", destroyed_at__isnull=False)
                | Q(~Q(state="destroyed"), destroyed_at=None),
                name="epoch_destroyed_has_its_time",
            ),
            models.CheckConstraint(condition=Q(dies_at__gt=models.F("began_at")), name="epoch_lives_before_it_dies"),
        ]


class Bucket(models.Model):
    """
    The cover of one tree of 256 slots, sealed under an epoch key.

    erasure = DERIVED: persons' keys come from it; puncturing a leaf is what erases a person.
    """

    bucket_id = models.BigIntegerField(primary_key=True, db_comment="slot >> 8")
    epoch = models.ForeignKey(Epoch, models.DO_NOTHING, db_constraint=False, related_name="+")
    epoch_wraps = models.BooleanField(default=True, db_default=True, db_comment="Always true: half of the foreign key")
    generation = models.PositiveIntegerField(db_comment="Rises with every new cover; part of what the seal is bound to")
    cover = models.BinaryField(db_comment="AES-256-GCM under the epoch key, bound to bucket, epoch and generation")

    class Meta:
        db_table_comment = "Covers of the punctured trees; one small row stands for 256 keys"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(epoch_wraps=True), name="bucket_epoch_wraps")]


class PersonSlot(models.Model):
    """
    Which leaf is a person's; the row goes when the leaf is punctured.

    erasure = DERIVED: a number that means nothing once the row is gone. Slots are never given twice.
    """

    person = models.UUIDField(primary_key=True)
    slot = models.BigIntegerField(unique=True, db_default=NextSlot())
    allotted_at = models.DateTimeField(db_default=Now(), db_comment="So that slots of aborted sign-ups can be swept")

    class Meta:
        db_table_comment = (
            "person -> slot; a copy of the slot lies beside the person in avow, to heal an older key store"
        )
        constraints: ClassVar = [models.CheckConstraint(condition=Q(slot__gte=0), name="slot_not_negative")]


class Puncture(models.Model):
    """
    That a slot was punctured at a request, and what the log was told; makes erasing repeatable.

    erasure = NOT_PERSONAL: after it the slot belongs to nobody and no table says whose it was.
    """

    request = models.UUIDField(primary_key=True)
    slot = models.BigIntegerField(
        unique=True, db_comment="No longer in PersonSlot: both are changed in one transaction"
    )
    nonce = models.BinaryField(db_comment="With the slot it opens the commitment in the log")
    entry_id = models.UUIDField(db_comment="The log entry key.destroyed")
    at = models.DateTimeField()
    epoch = models.PositiveIntegerField(
        db_index=True, db_comment="Whose key sealed the old cover: copies of it open until that dies"
    )
    dies_at = models.DateTimeField(db_comment="By when that key is destroyed, as the certificate says it")

    class Meta:
        db_table_comment = "Slots that were erased; an older key store is brought up to date from here and from the log"


class AddressToken(models.Model):
    """
    The blind index: which random token stands for an address.

    erasure = TOKEN: removed with the last person who holds the address; without the pepper nobody can invert the index.
    """

    token = models.CharField(primary_key=True, max_length=24)
    kind = models.CharField(max_length=16)
    idx = models.BinaryField(db_comment="HMAC-SHA256 of the normalised address under the pepper, 16 bytes")
    minted_at = models.DateTimeField(db_default=Now(), db_comment="So that tokens that nobody took up can be swept")

    class Meta:
        db_table_comment = "Blind index; the pepper lies in the keyring, the address in avow under its person's key"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "idx"], name="address_one_token"),
            models.CheckConstraint(condition=Q(kind__in=["email", "phone", "uid"]), name="address_kind_known"),
        ]


class AttestedAct(models.Model):
    """
    Which entries of the log are about a person, readable with that person's key alone.

    erasure = SEALED: under the person's key; the row is removed too.
    """

    person = models.UUIDField(db_index=True)
    sealed = models.BinaryField(db_comment="nonce, act and entry_id, under the person's key")

    class Meta:
        db_table_comment = "Sealed index from persons to log entries"


class Refusal(models.Model):
    """
    How often an opening was refused, by hour.

    erasure = AGGREGATE: counts by field and purpose; whose datum it was is not kept.
    """

    hour = models.DateTimeField()
    field = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    clause = models.CharField(max_length=80, blank=True, db_comment="The clause that limits purposes, by name")
    refused = models.PositiveIntegerField(db_default=1)

    class Meta:
        db_table_comment = "Refused openings; here, so that the count outlives the refused transaction in avow"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hour", "field", "purpose", "clause"], name="refusal_one_row"),
        ]
