"""
Erase a person by puncturing the one key that opens their data.

Why the key and not only the rows: rows are copied, to replicas, backups and lake files that we cannot rewrite.
Every copy is sealed under the same key, so making that key underivable reaches them all at once (Goldreich,
Goldwasser, Micali 1986; docs/explanation/keys-and-erasure.md). What we can reach is deleted as well.

    avow_keys, one statement   puncture the cover, seal it as the next generation under the epoch that it lies in,
                               record key.destroyed, remove slot, sealed index of acts, address tokens held alone
    avow, one transaction      note the slot as destroyed, remove fields, addresses and choices, set erased_at

Why under the epoch that it lies in: the old cover was sealed under that one, so its key is the one that must die; a
roll that runs beside takes the new cover along, and the foreign key keeps the epoch alive until it has.

Holds:    one small update, however much is stored about the person; no neighbour's key changes. A second call for
          the same request returns the first result. Killed between the two databases, the next call for that
          request finishes; meanwhile every opening answers "erased". The result says by which day no copy of the key
          database can open the person any more.
Assumes:  the epoch's key is destroyed by that day (`keys.destroying`; the live check `keys-die-on-time` watches it).
          What a legal hold names is resealed under the hold's own key first (`holds`), and everything else goes now.
Does not: recall plaintext that has already left.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connections

from avow.errors import Erased, KeyringLost, NotFound
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise, keeps
from avow.vault import crypto, governing, holds, opening_cases, persons, statements, tree
from avow.vault.actor import Actor
from avow.vault.keys import buckets, epochs
from avow.vault.keys.epochs import KEYS
from avow.vault.limits import LIMITS
from avow.vault.models import Person
from avow.vault.visibility import locked

SLOT = b"avow/slot"
NONCE = 32  # bytes
STANDS = """
    SELECT p.slot, p.nonce, p.entry_id, p.at, p.epoch, p.dies_at,
           s.slot, b.bucket_id, b.epoch_id, b.generation, b.cover, e.dies_at
      FROM (SELECT %s::uuid AS request, %s::uuid AS person) asked
      LEFT JOIN vault_keys_puncture p ON p.request IN (asked.request, asked.person)
      LEFT JOIN vault_keys_personslot s ON s.person = asked.person
      LEFT JOIN vault_keys_bucket b ON b.bucket_id = s.slot >> 8
      LEFT JOIN vault_keys_epoch e ON e.number = b.epoch_id
"""
PUNCTURE = """
    WITH punctured AS (
      UPDATE vault_keys_bucket SET cover = %(cover)s, generation = generation + 1
       WHERE bucket_id = %(bucket)s AND epoch_id = %(epoch)s AND generation = %(generation)s RETURNING 1),
    slot AS (DELETE FROM vault_keys_personslot WHERE person = %(person)s AND EXISTS (SELECT FROM punctured)),
    acts AS (DELETE FROM vault_keys_attestedact WHERE person = %(person)s AND EXISTS (SELECT FROM punctured)),
    tokens AS (DELETE FROM vault_keys_addresstoken WHERE token = ANY(%(alone)s) AND EXISTS (SELECT FROM punctured)),
    logged AS (INSERT INTO evidence_outbox (entry_id, entry) SELECT %(entry_id)s, %(entry)s FROM punctured)
    INSERT INTO vault_keys_puncture (request, slot, nonce, entry_id, at, epoch, dies_at)
    SELECT %(request)s, %(slot)s, %(nonce)s, %(entry_id)s, %(at)s, %(epoch)s, %(dies_at)s FROM punctured RETURNING slot
"""
LEAVING = "SELECT slot, erased_at, alone, holds, shown FROM vault_leaving(%(person)s, %(now)s)"
# Row-level security shows the fields since LEAVING, which runs before it in the same transaction.
DELETE = f"""
    WITH fields AS (DELETE FROM vault_sealedfield WHERE person = %(person)s),
         addresses AS (DELETE FROM vault_addresssealed WHERE person = %(person)s),
         grants AS (DELETE FROM vault_grant WHERE person = %(person)s),
         objections AS (DELETE FROM vault_objection WHERE person = %(person)s),
         freezes AS (DELETE FROM vault_freeze WHERE person = %(person)s),
         {opening_cases.FORGOTTEN.strip()},
         noted AS (
           INSERT INTO vault_destroyed (slot, entry_id, nonce, destroyed_at)
           SELECT %(slot)s, %(entry_id)s, %(nonce)s, %(at)s WHERE %(fresh)s)
    UPDATE vault_person SET slot = NULL, erased_at = %(at)s WHERE person = %(person)s AND erased_at IS NULL RETURNING 1
"""  # noqa: S608  # nosec B608 - constants of this room


@dataclass(frozen=True)
class ErasedKey:
    """That a key was destroyed: where the log says so, what opens the log's commitment, and what was not reached."""

    entry_id: UUID
    opening: Mapping[str, str]  # slot and nonce: the person carries them away
    slot_commitment: bytes
    destroyed_at: datetime
    copies_open_until: datetime  # at the latest; a copy of the key database from before it opens nothing after it
    limits: tuple[str, ...] = LIMITS


@dataclass(frozen=True)
class Punctured:
    """What the key database wrote down of one puncture."""

    slot: int
    nonce: bytes
    entry_id: UUID
    at: datetime
    epoch: int
    dies_at: datetime


class Leaving(NamedTuple):
    """A person as they stand before an erasure, locked until the transaction ends."""

    slot: int | None
    erased_at: datetime | None
    alone: list[str]  # tokens of addresses that nobody else holds
    holds: list[UUID]  # legal holds that stand


@dataclass(frozen=True)
class Leaf:
    """Where a living person's leaf lies, as of this moment."""

    slot: int
    bucket: int
    epoch: int
    generation: int
    cover: bytes
    dies_at: datetime


def begin(person: UUID, *, now: datetime) -> None:
    """Mark that an erasure is under way: from here on nothing new is sealed and nothing optional is opened."""
    Person.objects.filter(person=person, erasing_since=None, erased_at=None).update(erasing_since=now)


@keeps(Promise.DE_IDENTIFY)
def erase(person: UUID, *, request: UUID, asked_by: Actor, now: datetime) -> ErasedKey:
    """Make the person's key underivable and delete what lies under it; repeat it after any crash."""
    done = _erase(person, request, asked_by, now)
    if done is None:
        holds.keep(person, now=now)  # commits first: a crash after the puncture could not reseal any more
        done = _erase(person, request, asked_by, now, kept=True)
        assert done, "what holds name is kept"
    opening = MappingProxyType({"slot": str(done.slot), "nonce": done.nonce.hex()})
    return ErasedKey(done.entry_id, opening, slot_commitment(done.slot, done.nonce), done.at, done.dies_at)


def finish(person: UUID, *, slot: int, nonce: bytes, entry_id: UUID, at: datetime) -> None:
    """Delete what lies under a key that was destroyed before older data was put back; the key database knows it."""
    with _alone_with(person, at) as leaving:
        _delete(person, leaving, Punctured(slot, nonce, entry_id, at, 0, at))


def slot_commitment(slot: int, nonce: bytes) -> bytes:
    """Return what the log says of a slot: opened by slot and nonce, and naming nobody."""
    return hmac.digest(nonce, SLOT + slot.to_bytes(8, "big"), "sha256")


def _erase(
    person: UUID, request: UUID, asked_by: Actor, now: datetime, *, kept: bool = False
) -> Punctured | None:  # fmt: skip
    """Puncture, then delete; None, and nothing done, where a hold must keep something first."""
    with _alone_with(person, now) as leaving:
        if leaving.holds and not kept:
            return None
        done = _puncture(person, request, leaving.alone, asked_by, now)
        _delete(person, leaving, done)
    return done


@contextmanager
def _alone_with(person: UUID, now: datetime) -> Iterator[Leaving]:
    """Lock the person and their addresses for the block, and show row-level security whom it is about."""
    with locked(LEAVING, {"person": person, "now": now}) as found:
        if found is None:
            raise NotFound("Nobody here has this number; take it from the desk's list of requests.")
        yield Leaving(*found)


def _puncture(
    person: UUID, request: UUID, alone: Sequence[str], asked_by: Actor, now: datetime, *,
    random: crypto.Random = secrets.token_bytes,
) -> Punctured:  # fmt: skip
    """Destroy the key in one statement, which commits by itself: before it all stands, after it nothing opens."""
    assert not connections[KEYS].in_atomic_block, (
        "a puncture that could be rolled back would have told the log too early"
    )
    while True:
        done, leaf = _stands(person, request)
        if done:
            return done
        if leaf is None:
            raise persons.without_key(person)
        nonce = random(NONCE)
        fresh = Punctured(leaf.slot, nonce, uuid4(), now, leaf.epoch, leaf.dies_at)
        entry = _entry(slot_commitment(leaf.slot, nonce), asked_by, now)
        try:
            if _write(leaf, fresh, person=person, request=request, alone=alone, entry=entry):
                return fresh
        except KeyringLost:
            if _stands(person, request)[1] == leaf:
                raise
        # a neighbour was erased, or a roll came by: the cover is another one now, perhaps under another key


def _stands(person: UUID, request: UUID) -> tuple[Punctured | None, Leaf | None]:
    """Return what this request has punctured already, or where the person's leaf lies."""
    (found,) = statements.rows(KEYS, STANDS, [request, person])
    done, leaf = found[:6], found[6:]
    if done[0] is not None:
        return Punctured(done[0], bytes(done[1]), *done[2:]), None
    slot, bucket, epoch, generation, cover, dies_at = leaf
    return None, None if slot is None else Leaf(slot, bucket, epoch, generation, bytes(cover), dies_at)


def _write(
    leaf: Leaf, fresh: Punctured, *, person: UUID, request: UUID, alone: Sequence[str], entry: Entry
) -> bool:  # fmt: skip
    """Write the punctured cover and what goes with it, unless the cover has changed since it was read."""
    load = cache(epochs.keyring().load)  # once: the new cover is sealed by the key that opened the old one
    cover = buckets.cover_of(leaf.bucket, leaf.epoch, leaf.generation, leaf.cover, load=load)
    punctured = tree.puncture(cover, leaf.slot & (tree.LEAVES - 1))
    values: dict[str, Any] = {
        "cover": buckets.sealed_as(punctured, leaf.bucket, leaf.epoch, leaf.generation + 1, load=load),
        "bucket": leaf.bucket, "epoch": leaf.epoch, "generation": leaf.generation, "person": person,
        "alone": list(alone),
        "entry_id": fresh.entry_id, "entry": entry.encode(), "request": request, "slot": fresh.slot,
        "nonce": fresh.nonce, "at": fresh.at, "dies_at": fresh.dies_at,
    }  # fmt: skip
    return statements.write(KEYS, PUNCTURE, values) is not None


def _entry(commitment: bytes, asked_by: Actor, now: datetime) -> Entry:
    version = governing.in_force(now)
    return Entry(
        act=Act.KEY_DESTROYED, at=now, promise=Promise.DE_IDENTIFY, subject=commitment, policy=version.sha256,
        clause=governing.clause_for(Promise.DE_IDENTIFY, version), actor=asked_by.kind.value,
    )  # fmt: skip


def _delete(person: UUID, leaving: Leaving, done: Punctured) -> None:
    """Remove what lies under the destroyed key; a crash before the commit is mended by the same call."""
    if leaving.erased_at is None and leaving.slot != done.slot:
        raise Erased("This request has erased somebody else already; each erasure has a request of its own.")
    values: dict[str, Any] = {
        "person": person, "slot": done.slot, "entry_id": done.entry_id, "nonce": done.nonce, "at": done.at,
        "fresh": leaving.erased_at is None,
    }  # fmt: skip
    statements.write(statements.AVOW, DELETE, values)
