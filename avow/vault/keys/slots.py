"""
Who has which leaf: allotting slots, and finding leaves for persons.

Why a sequence and no counter under a lock: sign-ups never wait for each other, and a slot that an
aborted sign-up leaves behind does no harm, since nothing is sealed under it.

Holds:    a slot is never given twice. Whoever has a slot has a bucket: both are made in one transaction.
          Nothing is remembered between calls, so an erasure acts at once in every process. A roll that destroys
          an epoch's key beside a look-up makes it look twice, and nobody else notices.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connections, transaction

from avow.errors import KeyringLost
from avow.vault import statements, tree
from avow.vault.keys import buckets, epochs
from avow.vault.keys.models import PersonSlot
from avow.vault.statements import PERSON

FIND = """
    SELECT b.bucket_id, b.epoch_id, b.generation, b.cover, s.slot
      FROM vault_keys_personslot s JOIN vault_keys_bucket b ON b.bucket_id = s.slot >> 8 WHERE s.person = %s
"""
# A row for each bucket: the cover comes once, and its members as bytes that are cut apart here.
FIND_MANY = """
    SELECT b.bucket_id, b.epoch_id, b.generation, b.cover,
           string_agg(uuid_send(s.person) || substr(int8send(s.slot), 8), ''::bytea)  -- its last byte is the leaf
      FROM vault_keys_personslot s JOIN vault_keys_bucket b ON b.bucket_id = s.slot >> 8
     WHERE s.person = ANY(%s) GROUP BY b.bucket_id
"""
PAST = "SELECT setval('vault_slot', greatest(%s, (SELECT last_value FROM vault_slot)))"
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


def leaves_of(persons: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the leaves of many by their UUIDs' bytes, walking each tree once; who has none is left out."""
    whom = statements.Whom.of(persons)
    try:
        return _leaves_of(whom)
    except KeyringLost:
        return _leaves_of(whom)


def _leaf_of(person: UUID) -> bytes | None:
    for number, epoch, generation, cover, slot in statements.rows(epochs.KEYS, FIND, [person]):
        return tree.leaf(buckets.cover_of(number, epoch, generation, cover), slot & (tree.LEAVES - 1))
    return None


def _leaves_of(whom: statements.Whom) -> dict[bytes, bytes]:
    found, load = dict[bytes, bytes](), cache(epochs.keyring().load)
    for number, epoch, generation, cover, members in statements.rows(epochs.KEYS, FIND_MANY, [whom], prepared=False):
        whose = {members[at + PERSON]: members[at : at + PERSON] for at in range(0, len(members), PERSON + 1)}
        for leaf, key in tree.leaves(buckets.cover_of(number, epoch, generation, cover, load=load), whose):
            found[whose[leaf]] = key
    return found


def go_past(slot: int) -> None:
    """Let the sequence go past a slot, and never back."""
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(PAST, [slot])


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
