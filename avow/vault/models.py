"""
Nouns of the vault in avow: persons, their sealed fields and addresses, and what they chose.

Why the choices lie here: the gate must see grants, objections and the freeze, and the gate is
here. The pages that write them are rooms above.

Holds:    no clear value about a person: all of it is ciphertext under that person's key.
          SealedField shows no row until a transaction names the persons it is about
          (row-level security, forced even on the tables' owner).
Does not: name anybody. A person is a random number; after erasure it stays, so that an opening
          can answer "erased", and nothing leads from it to a key.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from typing import ClassVar

from django.db import models
from django.db.models import Q

from avow.vault.holds_models import LONGEST_HOLD, HeldField, Hold, Origin
from avow.vault.openings_models import OpeningCase, OpeningCount, OpeningReason
from avow.vault.recipients_models import Egress, Recipient, RecipientGrant, RecipientKind
from avow.vault.widths import DIGEST

__all__ = [
    "LONGEST_HOLD", "AddressSealed", "Destroyed", "Egress", "Freeze", "Grant", "HeldField", "Hold", "Objection",
    "OpeningCase", "OpeningCount", "OpeningReason", "Origin", "Person", "PersonKind", "Recipient", "RecipientGrant",
    "RecipientKind", "SealedField",
]  # fmt: skip


class PersonKind(models.TextChoices):
    """Whose key it is."""

    ACCOUNT = "account", "a person with an account"
    BROWSER = "browser", "a browser without account: a person too"
    SUBJECT = "subject", "no person: a request's or a check's own key"


class Person(models.Model):
    """
    Somebody whose data is here, as a number without meaning.

    erasure = DERIVED: the slot goes at erasure; the random number and three times stay and lead nowhere.
    """

    person = models.UUIDField(primary_key=True)
    slot = models.BigIntegerField(
        unique=True, null=True, db_comment="Copy of avow_keys' slot, to heal an older key store; null once erased"
    )
    kind = models.CharField(max_length=8, choices=PersonKind)
    enrolled_at = models.DateTimeField()
    erasing_since = models.DateTimeField(null=True, db_comment="An erasure is under way: nothing new is sealed")
    erased_at = models.DateTimeField(null=True, db_comment="When the key was destroyed")
    signed_up_under = models.CharField(max_length=DIGEST, default="", db_comment="sha256 of the policy in force then")
    governed_by = models.CharField(
        max_length=DIGEST, default="", db_comment="sha256 of the newest policy this person accepted; empty: the first"
    )
    agreed_to = models.CharField(
        max_length=DIGEST, default="", db_comment="sha256 of the newest policy whose terms go for older data too"
    )

    class Meta:
        db_table_comment = "Persons, each with one key in avow_keys"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=PersonKind.values), name="person_kind_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None, slot__isnull=False) | Q(erased_at__isnull=False, slot=None),
                name="person_has_a_slot_or_is_erased",
            ),
        ]


class SealedField(models.Model):
    """
    One value that a person gave, sealed; older values stay with the time at which they were replaced.

    erasure = SEALED: under the person's key; the rows are removed too.
    """

    pk = models.CompositePrimaryKey("person", "field", "ordinal")
    person = models.UUIDField()
    field = models.CharField(max_length=80, db_comment="A name of the catalogue")
    ordinal = models.PositiveIntegerField(db_comment="1, 2, 3 for each value of this field; bound into the seal")
    policy = models.CharField(
        max_length=DIGEST, db_comment="sha256 of the policy it was collected under; bound into the seal"
    )
    source = models.CharField(max_length=40, db_comment="Where it came from: sign-up, settings, import")
    collected_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, db_comment="When a newer value, or none, took its place")
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "Personal fields; row-level security is forced, see current_setting('avow.person')"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(superseded_at=None), name="field_one_current_value"
            ),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="field_ordinal_from_one"),
        ]


class AddressSealed(models.Model):
    """
    An address as one person gave it, beside the token that stands for it.

    erasure = SEALED: under the person's key; the row is removed too. No row-level security: erasing must see who else
    holds a token, and a row shows two random numbers.
    """

    pk = models.CompositePrimaryKey("token", "person")
    token = models.CharField(max_length=24)
    person = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=16)
    policy = models.CharField(
        max_length=DIGEST, db_comment="sha256 of the policy it was collected under; bound into the seal"
    )
    collected_at = models.DateTimeField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table_comment = "Addresses; the index that finds them lies in avow_keys"


class Grant(models.Model):
    """
    A purpose that a person allowed: beyond the policy for all their data, or for one field that asks for it.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    field = models.CharField(max_length=80, default="", db_comment="The one field that it is for; empty: any")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, db_comment="A grant can end by itself")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "What persons allowed; the newest of a purpose counts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "purpose", "field"], condition=Q(withdrawn_at=None), name="grant_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="grant_ends_after_it_begins"
            ),
        ]


class Objection(models.Model):
    """
    A purpose that a person does not want.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    since = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "What persons objected to"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at=None), name="objection_one_standing"
            ),
        ]


class Freeze(models.Model):
    """
    That nothing optional be done with a person's data for now: their wish, or the company's while it looks into it.

    erasure = DERIVED: a choice beside a random number; removed with the person.
    """

    person = models.UUIDField(db_index=True)
    by = models.CharField(max_length=8, default="person", db_comment="Whose word it is: the person's, or staff's")
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Data that rests: as if its person had objected to every purpose that can be objected to"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "by"], condition=Q(lifted_at=None), name="freeze_one_standing"),
            models.CheckConstraint(condition=Q(by__in=["person", "staff"]), name="freeze_by_somebody_known"),
        ]


class Destroyed(models.Model):
    """
    A slot whose key the log calls destroyed.

    erasure = NOT_PERSONAL: a slot belongs to nobody once it is here. The restore fence of issue 4 reads it.
    """

    slot = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(db_comment="The log entry key.destroyed; its receipt gives the leaf's number")
    nonce = models.BinaryField(db_comment="With the slot it opens the commitment in that entry")
    destroyed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Slots destroyed; held against a restored key store"
