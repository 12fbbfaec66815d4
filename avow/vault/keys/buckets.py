"""
Covers at rest: one sealed row for each tree of 256 slots.

Why made ahead: a key backup then already holds the covers of the next thousand sign-ups, so people
who joined after it can be healed from the slots that lie beside them in avow.

Holds:    a cover opens only as its own bucket, epoch and generation. Two processes that make the same
          bucket keep the first one's; nothing was sealed under the other.
Assumes:  whoever changes a cover holds its row's lock.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from avow.vault import crypto, tree
from avow.vault.keys import epochs
from avow.vault.keys.models import Bucket

AHEAD = 4  # buckets made before they are needed: 1,024 sign-ups


def make_up_to(bucket_id: int, *, made: int, now: datetime, random: crypto.Random = secrets.token_bytes) -> None:
    """Make the buckets after `made` up to this one, each with a fresh tree."""
    epoch = epochs.current(now=now)
    key = epochs.keyring().load(epoch)
    fresh = [
        Bucket(
            bucket_id=number, epoch_id=epoch, generation=0, cover=_wrap(key, number, epoch, 0, tree.plant(random(32)))
        )
        for number in range(made + 1, bucket_id + 1)
    ]
    Bucket.objects.bulk_create(fresh, ignore_conflicts=True)


def lock(bucket_id: int) -> Bucket:
    """Return the bucket, its row locked until the transaction ends."""
    return Bucket.objects.select_for_update().get(bucket_id=bucket_id)


def cover_of(
    bucket_id: int, epoch: int, generation: int, sealed: bytes, *, load: Callable[[int], bytes] | None = None
) -> tree.Cover:
    """Open a cover with its epoch's key; who opens many brings a `load` that asks the keyring once for each epoch."""
    key = (load or epochs.keyring().load)(epoch)
    return tree.decode(crypto.unseal(key, sealed, _bound(bucket_id, epoch, generation)))


def replace(bucket: Bucket, cover: tree.Cover, *, now: datetime) -> None:
    """Store a locked bucket's new cover as its next generation, under the epoch that is current."""
    epoch = epochs.current(now=now)
    key = epochs.keyring().load(epoch)
    bucket.epoch_id, bucket.generation = epoch, bucket.generation + 1
    bucket.cover = _wrap(key, bucket.bucket_id, epoch, bucket.generation, cover)
    bucket.save(update_fields=["epoch", "generation", "cover"])


def _wrap(key: bytes, bucket_id: int, epoch: int, generation: int, cover: tree.Cover) -> bytes:
    return crypto.seal(key, tree.encode(cover), _bound(bucket_id, epoch, generation))


def _bound(bucket_id: int, epoch: int, generation: int) -> bytes:
    return crypto.bind("avow/cover/v1", *(part.to_bytes(8, "big") for part in (bucket_id, epoch, generation)))
