"""
Covers at rest: one sealed row for each tree of 256 slots.

Why made ahead: a key backup then already holds the covers of the next thousand sign-ups, so people
who joined after it can be healed from the slots that lie beside them in avow.

Holds:    a cover opens only as its own bucket, epoch and generation. Two processes that make the same
          bucket keep the first one's; nothing was sealed under the other.
Assumes:  whoever changes a cover raises its generation and says which one it was: who was slower changes nothing.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import connections

from avow.vault import crypto, tree
from avow.vault.keys import epochs
from avow.vault.keys.models import Bucket

AHEAD = 4  # buckets made before they are needed: 1,024 sign-ups
AT_ONCE = 4096  # covers sealed again in one statement
UNDER = "SELECT bucket_id, generation, cover FROM vault_keys_bucket WHERE epoch_id = %s LIMIT %s"
SEAL_AGAIN = """
    UPDATE vault_keys_bucket b SET epoch_id = %s, generation = b.generation + 1, cover = fresh.cover
      FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS fresh (bucket_id, generation, cover)
     WHERE b.bucket_id = fresh.bucket_id AND b.generation = fresh.generation AND b.epoch_id = %s
"""


def make_up_to(bucket_id: int, *, made: int, now: datetime, random: crypto.Random = secrets.token_bytes) -> None:
    """Make the buckets after `made` up to this one, each with a fresh tree, inside the caller's transaction."""
    epoch = epochs.held(now=now)
    key = epochs.keyring().load(epoch)
    fresh = [
        Bucket(
            bucket_id=number, epoch_id=epoch, generation=0, cover=_wrap(key, number, epoch, 0, tree.plant(random(32)))
        )
        for number in range(made + 1, bucket_id + 1)
    ]
    Bucket.objects.bulk_create(fresh, ignore_conflicts=True)


def seal_again(old: int, *, now: datetime) -> int:
    """Seal every cover of an old epoch under the current one, batch by batch, and return how many; safe to repeat.

    A cover that somebody changes meanwhile has another generation: it is left, and found again by the next look.
    """
    new, sealed = epochs.current(now=now), 0
    while found := _under(old):  # before its key: what a promoted standby calls retiring may be destroyed by now
        keys = epochs.keyring().load(old), epochs.keyring().load(new)
        fresh = [_moved(row, (old, new), keys) for row in found]
        numbers, generations, covers = zip(*fresh, strict=True)
        with connections[epochs.KEYS].cursor() as cursor:
            cursor.execute(SEAL_AGAIN, [new, list(numbers), list(generations), list(covers), old])
            sealed += cursor.rowcount
    return sealed


def cover_of(
    bucket_id: int, epoch: int, generation: int, sealed: bytes, *, load: Callable[[int], bytes] | None = None
) -> tree.Cover:
    """Open a cover with its epoch's key; who opens many brings a `load` that asks the keyring once for each epoch."""
    key = (load or epochs.keyring().load)(epoch)
    return tree.decode(crypto.unseal(key, sealed, _bound(bucket_id, epoch, generation)))


def prove(epoch: int) -> None:
    """Raise unless the keyring's key of this epoch opens a cover that lies under it."""
    key = epochs.keyring().load(epoch)
    for number, generation, sealed in _under(epoch, at_most=1):
        crypto.unseal(key, sealed, _bound(number, epoch, generation))


def sealed_as(
    cover: tree.Cover, bucket_id: int, epoch: int, generation: int, *, load: Callable[[int], bytes] | None = None
) -> bytes:  # fmt: skip
    """Return a cover sealed as this generation of its bucket, under an epoch that still seals."""
    return _wrap((load or epochs.keyring().load)(epoch), bucket_id, epoch, generation, cover)


def _under(epoch: int, *, at_most: int = AT_ONCE) -> list[tuple[int, int, bytes]]:
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute(UNDER, [epoch, at_most])
        return [(number, generation, bytes(cover)) for number, generation, cover in cursor.fetchall()]


def _moved(row: tuple[int, int, bytes], epoch: tuple[int, int], key: tuple[bytes, bytes]) -> tuple[int, int, bytes]:
    """Return a cover as its next generation, from the first epoch to the second; what it holds is not looked at."""
    number, generation, sealed = row
    plain = crypto.unseal(key[0], sealed, _bound(number, epoch[0], generation))
    return number, generation, crypto.seal(key[1], plain, _bound(number, epoch[1], generation + 1))


def _wrap(key: bytes, bucket_id: int, epoch: int, generation: int, cover: tree.Cover) -> bytes:
    return crypto.seal(key, tree.encode(cover), _bound(bucket_id, epoch, generation))


def _bound(bucket_id: int, epoch: int, generation: int) -> bytes:
    return crypto.bind("avow/cover/v1", *(part.to_bytes(8, "big") for part in (bucket_id, epoch, generation)))
