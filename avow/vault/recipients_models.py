"""
Nouns of what leaves: who may receive anything, under which grant, and what has left.

Holds:    the kinds of recipients are a closed list, in the database too. No row holds a value of anybody's.
"""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from typing import ClassVar

from django.db import models
from django.db.models import Q

from avow.vault.widths import DIGEST


class RecipientKind(models.TextChoices):
    """Who may ever receive anything: the closed list, in which no buyer stands."""

    AGENT = "agent", "works for the company, under its contract"
    PARTNER = "partner", "receives what is anonymous or summed up"
    AUTHORITY = "authority", "asks by law"


class Recipient(models.Model):
    """
    Somebody outside to whom something may go, once a grant says what.

    erasure = NOT_PERSONAL: companies and offices, not people.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=9, choices=RecipientKind)
    name = models.TextField(unique=True, db_comment="As the public register shows it")
    facts = models.JSONField(default=dict, db_comment="What the register says: service, place, site, contact, address")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_comment="Nothing goes there any more")

    class Meta:
        db_table_comment = "Agents, partners and authorities; nothing leaves to anybody else"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=RecipientKind.values), name="recipient_kind_known"),
        ]


class RecipientGrant(models.Model):
    """
    What one recipient may receive, for which purpose, under which contract and until when.

    erasure = NOT_PERSONAL: names of fields, never values.
    """

    id = models.UUIDField(primary_key=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="grants")
    what = models.JSONField(db_comment="Names of fields or of releases; anything else is refused")
    purpose = models.CharField(max_length=40)
    promise = models.CharField(max_length=40, db_comment="The sentence that allows it, by what it promises")
    contract = models.TextField(db_comment="Where the contract or the basis lies, as the register says it")
    since = models.DateTimeField()
    until = models.DateTimeField(db_comment="When it is reviewed; past it, nothing goes")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Grants of recipients; without a standing one, nothing leaves"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="grant_of_recipient_ends_later"),
        ]


class Egress(models.Model):
    """
    That something left, to whom and under which sentence; names nobody.

    erasure = NOT_PERSONAL: names of fields and a salted digest of what left.
    """

    id = models.UUIDField(primary_key=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="+")
    grant = models.ForeignKey(RecipientGrant, models.PROTECT, related_name="+")
    what = models.JSONField(db_comment="Names of what went")
    purpose = models.CharField(max_length=40)
    clause = models.CharField(max_length=80, db_comment="The sentence in force that allows it, by its clause's name")
    policy = models.CharField(max_length=DIGEST)
    salt = models.BinaryField(db_comment="Digests of few possible contents could be guessed without it")
    digest = models.BinaryField(db_comment="SHA-256 over salt and content")
    people = models.PositiveIntegerField(db_comment="How many people's data: 1 for an agent's errand, 0 for aggregates")
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Everything that left to somebody outside, one row each"
