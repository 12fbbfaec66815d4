"""
Who has which leaf: allotting slots, and finding leaves for persons.

Why a sequence and no counter under a lock: sign-ups never wait for each other, and a slot that an
aborted sign-up leaves behind does no harm, since nothing is sealed under it.

Holds:    a slot is never given twice. Whoever has a slot has a bucket: both are made in one transaction.
          Nothing is remembered between calls, so an erasure acts at once in every process.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import connections, transaction

from avow.errors import KeyringLost
from avow.vault import tree
from avow.vault.keys import buckets, epochs
from avow.vault.keys.models import PersonSlot

FIND = """
    SELECT b.bucket_id, b.epoch_id, b.generation, b.cover, s.person, s.slot
      FROM vault_keys_personslot s JOIN vault_keys_bucket b ON b.bucket_id = s.slot >> 8
     WHERE s.person = ANY(%s) ORDER BY s.slot
"""
ALLOT = """
    INSERT INTO vault_keys_personslot (person) VALUES (%s)
    RETURNING slot, (SELECT coalesce(max(bucket_id), -1) FROM vault_keys_bucket)
"""


def allot(person: UUID, *, now: datetime) -> int:
    """Give a person the next slot, with its bucket and some more made ahead."""
    with transaction.atomic(using=epochs.KEYS), connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(ALLOT, [person])
        slot, made = cursor.fetchone()
        if made < bucket_of(slot) + buckets.AHEAD:
            buckets.make_up_to(bucket_of(slot) + buckets.AHEAD, made=made, now=now)
    return int(slot)


def leaf_of(person: UUID) -> bytes | None:
    """Return one person's leaf, or None when there is none any more, or never was."""
    try:
        return _leaf_of(person)
    except KeyringLost:
        return _leaf_of(person)  # a roll came between the look and the keyring: the cover lies in the next epoch now


def _leaf_of(person: UUID) -> bytes | None:
    for number, epoch, generation, cover, _, slot in _find([person]):
        return tree.leaf(buckets.cover_of(number, epoch, generation, bytes(cover)), slot & (tree.LEAVES - 1))
    return None


def leaves_of(persons: Iterable[UUID]) -> dict[UUID, bytes]:
    """Return the leaves of many, walking each tree once; who has none is left out."""
    wanted = list(persons)
    try:
        return _leaves_of(wanted)
    except KeyringLost:
        return _leaves_of(wanted)


def _leaves_of(persons: Iterable[UUID]) -> dict[UUID, bytes]:
    found: dict[UUID, bytes] = {}
    for (number, epoch, generation, cover), members in groupby(_find(persons), key=itemgetter(0, 1, 2, 3)):
        leaves = dict(tree.leaves(buckets.cover_of(number, epoch, generation, bytes(cover))))
        found |= {person: leaves[slot & 255] for *_, person, slot in members if slot & 255 in leaves}
    return found


def _find(persons: Iterable[UUID]) -> list[tuple[int, int, int, bytes, UUID, int]]:
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(FIND, [list(persons)])
        return list(cursor.fetchall())


def older_than(moment: datetime, *, after: int, at_most: int) -> list[tuple[int, UUID]]:
    """Return slots allotted before a moment with their persons, in order, from behind a slot on."""
    rows = PersonSlot.objects.filter(allotted_at__lt=moment, slot__gt=after).order_by("slot")
    return list(rows.values_list("slot", "person")[:at_most])


def give_back(persons: Iterable[UUID]) -> int:
    """Remove the slots of sign-ups that never came to a person in avow; return how many."""
    return PersonSlot.objects.filter(person__in=list(persons)).delete()[0]


def bucket_of(slot: int) -> int:
    """Return the bucket in which a slot lies."""
    return slot >> tree.DEPTH
