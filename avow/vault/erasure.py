"""
Erase a person by puncturing the one key that opens their data.

Why the key and not only the rows: rows are copied, to replicas, backups and lake files that we cannot rewrite.
Every copy is sealed under the same key, so making that key underivable reaches them all at once (Goldreich,
Goldwasser, Micali 1986; docs/explanation/keys-and-erasure.md). What we can reach is deleted as well.

    avow_keys, one transaction   puncture the cover, seal it as the next generation under the current epoch, record
                                 key.destroyed, remove slot, sealed index of acts, address tokens held alone
    avow, one transaction        note the slot as destroyed, remove fields, addresses and choices, set erased_at

Holds:    one small update, however much is stored about the person; no neighbour's key changes. A second call for
          the same request returns the first result. Killed between the two databases, the next call for that
          request finishes; meanwhile every opening answers "erased".
Assumes:  the epoch key that wrapped the old cover is destroyed at the next roll. Until issue 4 nobody rolls, and
          LIMITS says so in every result.
          What a legal hold names is resealed under the hold's own key first (`holds`), and everything else goes now.
Does not: recall plaintext that has already left.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import transaction

from avow.errors import Erased, NotFound
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise, keeps
from avow.vault import addresses, choices, crypto, governing, holds, opening_cases, persons, tree
from avow.vault.actor import Actor
from avow.vault.keys import buckets
from avow.vault.keys.epochs import KEYS
from avow.vault.keys.models import AddressToken, AttestedAct, Bucket, PersonSlot, Puncture
from avow.vault.keys.slots import bucket_of
from avow.vault.limits import LIMITS
from avow.vault.models import Destroyed, Person, SealedField
from avow.vault.visibility import visible

SLOT = b"avow/slot"
NONCE = 32  # bytes


@dataclass(frozen=True)
class ErasedKey:
    """That a key was destroyed: where the log says so, what opens the log's commitment, and what was not reached."""

    entry_id: UUID
    opening: Mapping[str, str]  # slot and nonce: the person carries them away
    slot_commitment: bytes
    destroyed_at: datetime
    limits: tuple[str, ...] = LIMITS


def begin(person: UUID, *, now: datetime) -> None:
    """Mark that an erasure is under way: from here on nothing new is sealed and nothing optional is opened."""
    Person.objects.filter(person=person, erasing_since=None, erased_at=None).update(erasing_since=now)


@keeps(Promise.DE_IDENTIFY)
def erase(person: UUID, *, request: UUID, asked_by: Actor, now: datetime) -> ErasedKey:
    """Make the person's key underivable and delete what lies under it; repeat it after any crash."""
    holds.keep(person, now=now)  # commits first: a crash after the puncture could not reseal any more
    with transaction.atomic():
        row = Person.objects.select_for_update(no_key=True).filter(person=person).first()
        if row is None:
            raise NotFound("Nobody here has this number; take it from the desk's list of requests.")
        alone = addresses.held_alone(person)
        done = _puncture(person, request, alone, asked_by, now)
        _delete(row, done)
    opening = MappingProxyType({"slot": str(done.slot), "nonce": bytes(done.nonce).hex()})
    return ErasedKey(done.entry_id, opening, slot_commitment(done.slot, bytes(done.nonce)), done.at)


def slot_commitment(slot: int, nonce: bytes) -> bytes:
    """Return what the log says of a slot: opened by slot and nonce, and naming nobody."""
    return hmac.digest(nonce, SLOT + slot.to_bytes(8, "big"), "sha256")


@transaction.atomic(using=KEYS, durable=True)
def _puncture(
    person: UUID, request: UUID, alone: Sequence[str], asked_by: Actor, now: datetime, *,
    random: crypto.Random = secrets.token_bytes,
) -> Puncture:  # fmt: skip
    """Destroy the key in one transaction of avow_keys; a crash before its commit leaves everything as it was."""
    if done := Puncture.objects.filter(request=request).first():
        return done
    bucket, slot = _lock_slot(person)
    buckets.replace(bucket, tree.puncture(_cover(bucket), slot & (tree.LEAVES - 1)), now=now)
    nonce = random(NONCE)
    entry_id = outbox.record(_entry(slot_commitment(slot, nonce), asked_by, now), using=KEYS)
    PersonSlot.objects.filter(person=person).delete()
    AttestedAct.objects.filter(person=person).delete()
    if alone:
        AddressToken.objects.filter(token__in=alone).delete()
    return Puncture.objects.create(request=request, slot=slot, nonce=nonce, entry_id=entry_id, at=now)


def _lock_slot(person: UUID) -> tuple[Bucket, int]:
    """Lock the bucket first, always, so that erasures beside each other wait and never block for good."""
    slot = PersonSlot.objects.filter(person=person).values_list("slot", flat=True).first()
    if slot is None:
        raise persons.without_key(person)
    return buckets.lock(bucket_of(slot)), slot


def _cover(bucket: Bucket) -> tree.Cover:
    return buckets.cover_of(bucket.bucket_id, bucket.epoch_id, bucket.generation, bytes(bucket.cover))


def _entry(commitment: bytes, asked_by: Actor, now: datetime) -> Entry:
    version = governing.in_force(now)
    return Entry(
        act=Act.KEY_DESTROYED, at=now, promise=Promise.DE_IDENTIFY, subject=commitment, policy=version.sha256,
        clause=governing.clause_for(Promise.DE_IDENTIFY, version), actor=asked_by.kind.value,
    )  # fmt: skip


def _delete(row: Person, done: Puncture) -> None:
    """Remove what lies under the destroyed key; a crash before the commit is mended by the same call."""
    if row.erased_at is None and row.slot != done.slot:
        raise Erased("This request has erased somebody else already; each erasure has a request of its own.")
    with visible(row.person):
        SealedField.objects.filter(person=row.person).delete()
    addresses.remove_sealed(row.person)
    choices.forget(row.person)
    opening_cases.forget(row.person)
    if row.erased_at is None:
        Destroyed.objects.create(slot=done.slot, entry_id=done.entry_id, nonce=bytes(done.nonce), destroyed_at=done.at)
        Person.objects.filter(person=row.person).update(slot=None, erased_at=done.at)
