"""Nouns of this room: the account by which a person signs in."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class AccountObjects(BaseUserManager["Account"]):
    """How accounts are found; the key is the person, never an address."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Find the account of a person."""
        return self.get(person=username)


class Account(AbstractBaseUser):
    """
    A way to sign in as one person; it holds no address, name or phone.

    erasure = SEALED: what identifies lies in the vault under the person's key; this row is removed with the person.
    """

    person = models.UUIDField(unique=True, default=uuid.uuid4, editable=False, db_comment="The vault's person; means nothing outside")
    is_active = models.BooleanField(default=True, db_comment="allauth asks for it; False while an erasure is under way")
    desk_since = models.DateTimeField(null=True, blank=True, db_comment="Since when this account may use the privacy desk; null: never")

    USERNAME_FIELD = "person"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountObjects()

    class Meta:
        db_table_comment = "Ways to sign in, one a person"

    def __str__(self) -> str:
        """Name the account by its person's number; allauth prints this in messages, so it must name nobody."""
        return str(self.person)
