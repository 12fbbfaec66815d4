"""
The column of allauth's authenticators holds ciphertext: the seeds of codes lie under their person's key.

Why the field and not allauth's hook for secrets: the hook is given a text and not whose it is, and a key for all would
outlive each of them. So the whole of what an authenticator keeps is sealed, names and counts of used codes too.

    write    pre_save seals what the attribute holds
    read     the attribute opens it when it is first looked at, for purpose ACCOUNT

Holds:    nothing clear reaches the column; the database itself refuses it (migration 0004). A row that is moved to
          another account, or to another kind of authenticator, does not open.
Assumes:  allauth writes authenticators by `save` and looks for them by account and kind alone.
"""

import json
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute

from avow.evidence.entries import canonical
from avow.policy.purposes import Purpose
from avow.vault.sealing import open_blob, seal_blob

COLUMN, SEALED = "data", "sealed"


class Sealed(dict[str, str]):
    """A value as it came from the column."""


class OpenedAttribute(DeferredAttribute):
    """What `authenticator.data` is: opened at first sight, and then as it was changed."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Return what the authenticator keeps."""
        value = super().__get__(instance, owner)
        if instance is None or not isinstance(value, Sealed):
            return value
        plain = open_blob(_whose(instance), _label(instance), bytes.fromhex(value[SEALED]), purpose=Purpose.ACCOUNT)
        opened = instance.__dict__[COLUMN] = json.loads(plain)
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        """Take what an authenticator keeps, or what the column gives; with this, every look passes `__get__`."""
        instance.__dict__[COLUMN] = value


class SealedField(models.JSONField):
    """A field whose column holds ciphertext."""

    descriptor_class = OpenedAttribute

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Mark what the column gives as sealed."""
        return Sealed(super().from_db_value(value, expression, connection))

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        """Seal what was looked at or made; what nobody looked at goes back as it came."""
        value = model_instance.__dict__[COLUMN]
        if isinstance(value, Sealed):
            return dict(value)
        with transaction.atomic():  # a row that is written after an erasure finds no account to belong to
            sealed = seal_blob(_whose(model_instance), _label(model_instance), canonical(value))
        return {SEALED: sealed.hex()}

    def deconstruct(self) -> Any:
        """Describe the field as allauth declares it."""
        name, _, positional, named = super().deconstruct()
        return name, "django.db.models.JSONField", positional, named


def install() -> None:
    """Give allauth's column this field; called once at start."""
    field: Any = Authenticator._meta.get_field(COLUMN)  # noqa: SLF001 - Django's documented door
    field.__class__ = SealedField
    setattr(Authenticator, COLUMN, OpenedAttribute(field))


def _whose(instance: Any) -> Any:
    return instance.user.person


def _label(instance: Any) -> str:
    return f"authenticator {instance.type}"
