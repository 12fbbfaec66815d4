"""
Seal what a person gives, and what other rooms keep about them.

Why values are never overwritten: people see what they had given and when it changed, and a correction can be
proved. The whole history lies under the one key, so erasing reaches it all.

Holds:    only fields that a catalogue declares are kept. A field has at most one current value. Nothing new,
          field or blob, is sealed for a person whose erasure is under way. A sealed blob says which text it was
          sealed under.
Assumes:  who seals a blob writes its row in the same transaction, so that an erasure waits for it and then counts it.
Does not: decide who may write; that is the calling room's affair.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from avow.errors import BadInput, Erased
from avow.evidence import versions
from avow.policy.purposes import Purpose
from avow.vault import catalogue, choices, crypto, fields, gate, governing, holds, persons, staff_openings, statements
from avow.vault.actor import SERVICE, Actor
from avow.vault.choices import NONE
from avow.vault.forms import Form
from avow.vault.models import SealedField
from avow.vault.visibility import locked, visible

POLICY = 32  # bytes of the text's sha256 at the head of a blob
BEING_ERASED = "This person is being erased; nothing new is kept about them."
TURN = "SELECT erasing, erased, ordinal, held, shown FROM vault_giving(%(person)s, %(field)s, %(now)s)"
# The second part reads the first, so the old value has ended before the new one comes: one is current at a time.
GIVE = """
    WITH ended AS (
      UPDATE vault_sealedfield SET superseded_at = %(now)s
       WHERE person = %(person)s AND field = %(field)s AND superseded_at IS NULL RETURNING 1)
    INSERT INTO vault_sealedfield (person, field, ordinal, policy, source, collected_at, ciphertext)
    SELECT %(person)s, %(field)s, %(ordinal)s, %(policy)s, %(source)s, %(now)s, %(ciphertext)s
      FROM (SELECT count(*) FROM ended) AS first RETURNING ordinal
"""


class Turn(NamedTuple):
    """What a field is at while its person is locked."""

    erasing: bool
    erased: bool
    ordinal: int  # of the value to come
    held: bool  # there is a current value that a legal hold must keep


def put(person: UUID, field: str, value: str | bytes, *, source: str, now: datetime) -> None:
    """Seal a value as the current one of its field; the one before stays as history."""
    catalogue.field(field)
    plain = _text(value)
    with _turn(person, field, now) as turn:
        own = fields.key(persons.key_of(person))
        row = fields.Sealed(person.bytes, field, turn.ordinal, governing.in_force(now).sha256, b"")
        if turn.held:
            holds.keep_replaced(person, field, now=now)
        values = {
            "person": person, "field": field, "ordinal": row.ordinal, "policy": row.policy, "source": source,
            "now": now, "ciphertext": fields.seal(own, row, plain),
        }  # fmt: skip
        statements.write(statements.AVOW, GIVE, values)


@transaction.atomic
def remove(person: UUID, field: str, *, now: datetime) -> bool:
    """End the current value of an optional field without a new one; False when there was none."""
    _lock_for_writing(person)
    with visible(person):
        return _supersede(person, field, now) > 0


@transaction.atomic
def seal_blob(
    person: UUID, label: str, plain: bytes, *, now: datetime | None = None, random: crypto.Random = secrets.token_bytes
) -> bytes:
    """Seal bytes for another room's table; the person stays locked until the caller has committed the row with them.

    `now` is the wall clock unless a caller has its own.
    """
    _lock_for_writing(person)
    policy = bytes.fromhex(governing.in_force(now or timezone.now()).sha256)
    key = _blob_key(persons.key_of(person))
    return policy + crypto.seal(key, plain, _bound(person, label, policy), random=random)


def seal_each_blob(
    plain: Mapping[UUID, bytes], label: str, *, now: datetime, random: crypto.Random = secrets.token_bytes
) -> dict[UUID, bytes]:
    """Seal bytes of many, one of each; whoever has no key, or is being erased, is left out. They stay locked."""
    living = persons.lock_each(plain)
    policy = bytes.fromhex(governing.in_force(now).sha256)
    return {
        person: policy + crypto.seal(_blob_key(key), plain[person], _bound(person, label, policy), random=random)
        for person, key in persons.keys_of(living).items()
    }


def open_blob(
    person: UUID, label: str, sealed: bytes, *, purpose: Purpose, by: Actor = SERVICE, now: datetime | None = None
) -> bytes:
    """Open another room's bytes for a purpose; the same gate, and the same case of an officer, as for fields."""
    now = now or timezone.now()
    key = persons.key_of(person)
    case = staff_openings.ask(person, [label], purpose, by=by, now=now)
    gate.permit(person, [(label, sealed[:POLICY].hex())], purpose, now=now)
    plain = unseal_with(key, person, label, sealed)
    if case is not None:
        staff_openings.write(person, case, Form.WHOLE, now=now)
    return plain


def open_blobs(
    person: UUID, label: str, sealed: Sequence[bytes], *, purpose: Purpose, by: Actor = SERVICE, now: datetime
) -> list[bytes]:
    """Open many of one person's bytes of a label; the gate is asked for each, and one refusal refuses all."""
    if not sealed:
        return []
    key = persons.key_of(person)
    case = staff_openings.ask(person, [label], purpose, by=by, now=now)
    gate.permit(person, sorted({(label, one[:POLICY].hex()) for one in sealed}), purpose, now=now)
    plain = [unseal_with(key, person, label, one) for one in sealed]
    if case is not None:
        staff_openings.write(person, case, Form.WHOLE, now=now)
    return plain


def open_each_blob(
    rows: Iterable[tuple[UUID, str, bytes]], *, purpose: Purpose, now: datetime, at_once: int = 50_000
) -> list[bytes | None]:
    """Open bytes of many, each with person and label, for the service; None where the gate says no or no key is."""
    wanted, found = list(rows), list[bytes | None]()
    with versions.read_once():
        for start in range(0, len(wanted), at_once):
            found += _open_some(wanted[start : start + at_once], purpose, now)
    return found


def _open_some(rows: list[tuple[UUID, str, bytes]], purpose: Purpose, now: datetime) -> list[bytes | None]:
    """Ask the gate for all, then derive the keys of those whom it permits and of nobody else."""
    rules, chosen = gate.Rules(now), choices.of_many({person for person, _, _ in rows}, now=now)
    may = cache(lambda label, policy, said: rules.permit(label, policy.hex(), purpose, said))  # few differ in all three
    permitted = [may(label, sealed[:POLICY], chosen.get(person, NONE)) for person, label, sealed in rows]
    people = {row[0] for row, yes in zip(rows, permitted, strict=True) if yes}
    keys = {person: _blob_key(key) for person, key in persons.keys_of(people).items()}
    return [
        _unseal(keys[person], person, label, sealed) if yes and person in keys else None
        for (person, label, sealed), yes in zip(rows, permitted, strict=True)
    ]


def unseal_with(key: bytes, person: UUID, label: str, sealed: bytes) -> bytes:
    """Unseal a blob with a key at hand; for this room alone, since it asks no gate."""
    return _unseal(_blob_key(key), person, label, sealed)


def _unseal(own: bytes, person: UUID, label: str, sealed: bytes) -> bytes:
    policy, rest = sealed[:POLICY], sealed[POLICY:]
    return crypto.unseal(own, rest, _bound(person, label, policy))


def _blob_key(key: bytes) -> bytes:
    return crypto.derive(key, "avow/blob/v1")


def _text(value: str | bytes) -> bytes:
    plain = value.encode() if isinstance(value, str) else value
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise BadInput("A field holds text; keep other bytes with seal_blob.") from None
    return plain


def _lock_for_writing(person: UUID) -> None:
    """Lock the person, so that nothing is sealed beside an erasure."""
    if persons.lock(person).erasing_since is not None:
        raise Erased(BEING_ERASED)


def _supersede(person: UUID, field: str, now: datetime) -> int:
    holds.keep_replaced(person, field, now=now)
    return SealedField.objects.filter(person=person, field=field, superseded_at=None).update(superseded_at=now)


@contextmanager
def _turn(person: UUID, field: str, now: datetime) -> Iterator[Turn]:
    """Lock a living person for the block, and show row-level security whom it is about."""
    with locked(TURN, {"person": person, "field": field, "now": now}) as found:
        turn = Turn(*found) if found else None
        if turn is None or turn.erased:
            raise persons.without_key(person)
        if turn.erasing:
            raise Erased(BEING_ERASED)
        yield turn


def _bound(person: UUID, label: str, policy: bytes) -> bytes:
    return crypto.bind("avow/blob/v1", person.bytes, label.encode(), policy)
