"""Nouns of this room that lie in the database; the events themselves lie in the lake (`manifest`, `rows`)."""

# ruff: noqa: DJ008 - a row has no name to show: Django's default prints its number, which is all that may be printed

from typing import ClassVar

from django.db import models


class Browser(models.Model):
    """
    A browser without account: a person, known by its cookie alone.

    erasure = DERIVED: a keyed hash beside a random number; the number goes with the person, and the hash
    alone stays for two days, so that an event that is still on its way is not taken for a new browser's.
    """

    cookie = models.BinaryField(primary_key=True, db_comment="A keyed hash; the key lies in the keyring")
    person = models.UUIDField(null=True, unique=True, db_comment="Null: forgotten; what still comes is nobody's")
    since = models.DateField()
    last_day = models.DateField(db_comment="The last day with an event, or on which it was forgotten")

    class Meta:
        db_table_comment = "Browsers without account"


class Context(models.Model):
    """
    What a browser or device sent along: address, device, cookie, user agent; events point to it by its number.

    erasure = SEALED: under the person's key; the row is removed too.
    """

    id = models.BigIntegerField(primary_key=True, db_comment="Random; the events' column ctx")
    person = models.UUIDField(db_index=True)
    day = models.DateField(db_index=True, db_comment="With the person's key it gives the day's pseudonym")
    sealed = models.BinaryField()

    class Meta:
        db_table_comment = "Sealed contexts of events; one a person, day and circumstances"
        indexes: ClassVar = [models.Index(fields=["person", "day"], name="usage_context_person_day")]
