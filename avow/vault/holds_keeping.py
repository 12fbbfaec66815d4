"""
Keep what a hold names: before its person's key is destroyed, and whenever its person replaces it.

    an erasure          every value in scope, with its history, moves under the hold's key; then the person's key goes
    a correction        the value that is replaced or removed moves there at once; its person goes on as ever

Why at a correction too: an address is forgotten when its person lets go of it, and a duty to keep that its person can
end by correcting is none. Why nothing is frozen: what is theirs stays theirs to use and to change.

Holds:    with no hold it costs one look into one index. Keeping commits as one, before the caller goes on; repeated
          after any crash it keeps the same once. Values outside the dates or the fields are not kept.
Assumes:  who erases calls `keep` before the puncture, and who replaces a value calls `keep_replaced` before they do.
Does not: open anything for anybody; what is kept is read in `holds_opening`.
"""

from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from avow.errors import Erased
from avow.policy.promises import Promise, keeps
from avow.vault import addresses_sealing, fields, holds_moving, holds_sealing, persons
from avow.vault.holds_sealing import Kept
from avow.vault.models import AddressSealed, Hold, Origin, Person, SealedField
from avow.vault.visibility import visible

STANDING = "SELECT vault_standing_holds(%s, %s)"
SCOPE = """
    person = %(person)s AND {name} = ANY(%(names)s)
       AND collected_at >= coalesce(%(since)s::timestamptz, '-infinity')
       AND collected_at <= coalesce(%(to)s::timestamptz, 'infinity')
"""
FIELDS = f"""
    SELECT person, field, ordinal, policy, collected_at, superseded_at, ciphertext FROM vault_sealedfield
     WHERE {SCOPE.format(name="field")} AND (NOT %(current)s OR superseded_at IS NULL)
"""  # noqa: S608  # nosec B608 - constants of this file
ADDRESSES = f"""
    SELECT person, token, kind, policy, collected_at, ciphertext FROM vault_addresssealed
     WHERE {SCOPE.format(name="kind")} AND (%(token)s::text IS NULL OR token = %(token)s)
"""  # noqa: S608  # nosec B608 - constants of this file
INSERT = """
    INSERT INTO vault_heldfield
           (hold_id, kept_at, place, field, origin, policy, collected_at, superseded_at, ciphertext)
    SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[],
                                 %s::timestamptz[], %s::timestamptz[], %s::bytea[])
        ON CONFLICT (hold_id, place) DO NOTHING
"""
THERE = "SELECT count(*) FROM vault_heldfield WHERE hold_id = %s AND place = ANY(%s)"


class FieldRow(NamedTuple):
    """A sealed field as it is read in bulk: what `fields.unseal` needs, without a model for each row."""

    person: UUID
    field: str
    ordinal: int
    policy: str
    collected_at: datetime
    superseded_at: datetime | None
    ciphertext: bytes


class AddressRow(NamedTuple):
    """A sealed address, likewise."""

    person: UUID
    token: str
    kind: str
    policy: str
    collected_at: datetime
    ciphertext: bytes


@keeps(Promise.LEGAL_DISCLOSURE)
def keep(person: UUID, *, now: datetime) -> None:
    """Reseal what holds name of a person who is about to be erased; a second call finds it done."""
    for hold in _standing(person, now):
        _keep(hold, person, now)


def keep_replaced(person: UUID, field: str, *, now: datetime, token: str | None = None) -> None:
    """Reseal the current value of a field, or an address, that its person is about to replace or remove."""
    for hold in _standing(person, now):
        _keep_one(hold, person, field, token, now)


@transaction.atomic
def _keep(hold: UUID, person: UUID, now: datetime) -> None:
    """Keep everything in scope; killed before the commit, nothing is kept and the person's key still stands."""
    # The person first, as whoever seals does: from here on nothing new is given that would be lost with the key.
    Person.objects.filter(person=person, erasing_since=None, erased_at=None).update(erasing_since=now)
    row = holds_moving.find(hold, lock=True)
    if not holds_moving.stands(row, now=now) or (key := _key_of(person)) is None:
        return  # it ended meanwhile; or the key is gone already, and whatever could be kept is
    found = [*_fields(person, key, row, row.fields), *_addresses(person, key, row, row.fields)]
    _write(row, found, now)
    Hold.objects.filter(pk=hold).update(kept_at=Coalesce("kept_at", now))


@transaction.atomic
def _keep_one(hold: UUID, person: UUID, field: str, token: str | None, now: datetime) -> None:
    row = holds_moving.find(hold, lock=True)
    if field not in row.fields or not holds_moving.stands(row, now=now) or (key := _key_of(person)) is None:
        return
    found = _addresses(person, key, row, [field], token) if token else _fields(person, key, row, [field], current=True)
    _write(row, [one._replace(superseded_at=now) for one in found], now)


def _standing(person: UUID, now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [person, now])
        return [hold for (hold,) in cursor.fetchall()]


def _key_of(person: UUID) -> bytes | None:
    try:
        return persons.key_of(person)
    except Erased:
        return None


def _fields(person: UUID, key: bytes, hold: Hold, names: list[str], *, current: bool = False) -> list[Kept]:
    own = fields.key(key)
    with visible(person):
        rows = [FieldRow(*row) for row in _read(FIELDS, person, hold, names, current=current)]
    return [
        Kept(row.field, Origin.FIELD.value, str(row.ordinal), row.policy, row.collected_at, row.superseded_at,
             fields.unseal(own, cast("SealedField", row)))
        for row in rows
    ]  # fmt: skip


def _addresses(person: UUID, key: bytes, hold: Hold, names: list[str], token: str | None = None) -> list[Kept]:
    own = addresses_sealing.key(key)
    rows = [AddressRow(*row) for row in _read(ADDRESSES, person, hold, names, token=token)]
    return [
        Kept(row.kind, Origin.ADDRESS.value, row.token, row.policy, row.collected_at, None,
             addresses_sealing.unseal(own, cast("AddressSealed", row)))
        for row in rows
    ]  # fmt: skip


def _read(sql: str, person: UUID, hold: Hold, names: list[str], **more: str | bool | None) -> list[tuple[Any, ...]]:
    scope: dict[str, Any] = {"person": person, "names": names, "since": hold.collected_from, "to": hold.collected_to}
    with connection.cursor() as cursor:
        cursor.execute(sql, scope | more)
        return list(cursor.fetchall())


def _write(hold: Hold, found: list[Kept], now: datetime) -> None:
    """Write what was found under the hold's key, and count that all of it is there."""
    if not found:
        return
    assert hold.subject is not None, "a hold that stands has a key"
    own = holds_sealing.key(persons.key_of(hold.subject))
    places = [holds_sealing.place(own, one) for one in found]
    sealed = [holds_sealing.seal(own, hold.pk, place, one) for place, one in zip(places, found, strict=True)]
    columns = [list(column) for column in zip(*(one[:2] + one[3:6] for one in found), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [hold.pk, now, places, *columns, sealed])
        cursor.execute(THERE, [hold.pk, places])
        assert cursor.fetchone()[0] == len(set(places)), "what is in scope is kept before its key goes"
