"""
The column of allauth's addresses holds a random token; the address itself lies in the vault. So does the column of a
third party's own id for somebody.

Why the field and not the table: allauth stays unmodified and its own constraint on
verified addresses goes on working, since one address has one token. What a copy of
this database shows is the token; the index that maps an address to it lies among the keys.

    write    pre_save mints the address's token and seals the address under the person's key
    look up  get_db_prep_value maps an address to its token, or to one that matches no row
    read     the attribute opens the address when it is first looked at, for purpose ACCOUNT

Holds:    no clear address reaches this column: what is not a token is refused on the way
          (`get_db_prep_save`) and by a CHECK in the database (migration 0001).
          `makemigrations --check` sees an EmailField, as allauth declares it.
Assumes:  allauth writes addresses by `save`, never by `update` or `bulk_create`; both would
          be refused, not stored. An address whose row is deleted is let go of, so that nobody
          holds it any more. The token is minted before the row is written: a crash
          between the two leaves a token that no row names.
Does not: compare in part; `contains` on a token finds nothing.
"""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils import timezone

from avow.errors import BadInput, Erased
from avow.policy.purposes import Purpose
from avow.vault import addresses

EMAIL, UID, PHONE = "email", "uid", "phone"  # the columns' names, and the kinds under which the vault keeps them
NO_ROW = "-"  # never minted


class Token(str):
    """A value that is a token already, as it came from the column."""

    __slots__ = ()


class AddressAttribute(DeferredAttribute):
    """What `address.email` is: a plain string to whoever reads it, opened on first sight."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Return the address; an erased person's reads as one that nobody can have."""
        value = super().__get__(instance, owner)
        if instance is None or not isinstance(value, Token):
            return value
        opened = instance.__dict__.get(self._opened)
        if opened is None or opened[0] != value:
            opened = instance.__dict__[self._opened] = (value, open_token(value, instance.user.person))
        return opened[1]

    def __set__(self, instance: models.Model, value: Any) -> None:
        """Take an address, or a token from the column."""
        instance.__dict__[self.field.attname] = value

    @property
    def _opened(self) -> str:
        return f"_{self.field.attname}_opened"


class HoldsTokens(models.CharField):  # type: ignore[type-arg]
    """A field whose column holds tokens; `kind` is that of what they stand for."""

    descriptor_class = AddressAttribute
    kind: str
    declared_as: str  # by allauth

    def from_db_value(self, value: str | None, *_: Any) -> Token | None:
        """Mark what the column gives as a token."""
        return None if value is None else Token(value)

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        """Mint the token of a new address and seal the address under its person's key."""
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Token) or not value:
            return value
        token = Token(addresses.token_for(self.kind, value, model_instance.user.person, timezone.now()))
        model_instance.__dict__[self.attname] = token
        return token

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        """Return the token of an address that is looked for."""
        if value is None or isinstance(value, Token):
            return value
        try:
            return addresses.find(self.kind, str(value)) or NO_ROW
        except BadInput:  # whatever was typed, it is nobody's address
            return NO_ROW

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:  # noqa: ARG002
        """Refuse whatever did not come through `pre_save`."""
        if not isinstance(value, Token):
            raise TypeError("an address is written by save() alone, which mints its token")
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Keep a token a token."""
        return value if isinstance(value, Token) else super().get_prep_value(value)

    def to_python(self, value: Any) -> Any:
        """Keep a token a token."""
        return value if isinstance(value, Token) else super().to_python(value)

    def deconstruct(self) -> Any:
        """Describe the field as allauth declares it."""
        name, _, positional, named = super().deconstruct()
        return name, self.declared_as, positional, named


class TokenEmailField(HoldsTokens, models.EmailField):  # type: ignore[type-arg]
    """An e-mail address."""

    kind, declared_as = EMAIL, "django.db.models.EmailField"


class TokenIdField(HoldsTokens):
    """What a third party calls somebody."""

    kind, declared_as = UID, "django.db.models.CharField"


class NothingField(models.JSONField):
    """What a third party told: it may be looked at while somebody signs up, and is never written."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # noqa: ARG002, FBT001 - Django's signature
        """Write nothing."""
        return {}

    def deconstruct(self) -> Any:
        """Describe the field as allauth declares it."""
        name, _, positional, named = super().deconstruct()
        return name, "django.db.models.JSONField", positional, named


def open_token(token: str, person: UUID) -> str:
    """Return the address behind a token, or one under .invalid when its person is erased."""
    try:
        opened = addresses.open_address(token, person, Purpose.ACCOUNT)
    except Erased:
        opened = None
    return opened or f"erased@{token.lower()}.invalid"


def let_go(instance: Any, sender: type[models.Model], **_: Any) -> None:
    """Forget the address whose row went, unless another row of its person has it: third parties may share an id."""
    token = instance.__dict__.get(COLUMNS[sender])
    if (
        isinstance(token, Token)
        and not sender._default_manager.filter(  # noqa: SLF001 - Django's documented door
            user_id=instance.user_id, **{COLUMNS[sender]: token}
        ).exists()
    ):
        addresses.let_go(token, instance.user.person)


COLUMNS: dict[type[models.Model], str] = {EmailAddress: EMAIL, SocialAccount: UID}


def install() -> None:
    """Give allauth's columns these fields; called once at start."""
    _give(EmailAddress, EMAIL, TokenEmailField)
    _give(SocialAccount, UID, TokenIdField)
    SocialAccount._meta.get_field("extra_data").__class__ = NothingField  # noqa: SLF001 - Django's documented door


def _give(model: type[models.Model], column: str, kind: type[HoldsTokens]) -> None:
    field: Any = model._meta.get_field(column)  # noqa: SLF001 - Django's documented door
    field.__class__ = kind
    setattr(model, field.attname, AddressAttribute(field))
    models.signals.post_delete.connect(let_go, sender=model, dispatch_uid=f"avow.people.let_go.{column}")
