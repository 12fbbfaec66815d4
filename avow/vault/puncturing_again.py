"""
Destroy again a key that was destroyed before and came back with an older key database.

Why with the same slot, nonce and entry: the certificate that the person carries, and the log, name the destruction so;
a second set of names would make the first one look false. That it was needed is an entry of its own, keys.restored,
about the same slot: who holds the certificate can find it.

Holds:    one statement, as in `erasure`: cover, slot, index of acts, note and entry change together or not at all.
          Repeating it changes nothing. No neighbour's key changes.
Assumes:  nobody serves meanwhile (`fence`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise, keeps
from avow.vault import erasure, tree
from avow.vault.keys import buckets, slots
from avow.vault.keys.epochs import KEYS
from avow.vault.keys.seen import Gone

STANDS = """
    SELECT b.epoch_id, b.generation, b.cover, e.dies_at
      FROM vault_keys_bucket b JOIN vault_keys_epoch e ON e.number = b.epoch_id WHERE b.bucket_id = %s
"""
PUNCTURE = """
    WITH punctured AS (
      UPDATE vault_keys_bucket SET cover = %(cover)s, generation = generation + 1
       WHERE bucket_id = %(bucket)s AND epoch_id = %(epoch)s AND generation = %(generation)s RETURNING 1),
    owner AS (
      DELETE FROM vault_keys_personslot WHERE slot = %(slot)s AND EXISTS (SELECT FROM punctured) RETURNING person),
    acts AS (DELETE FROM vault_keys_attestedact WHERE person IN (SELECT person FROM owner)),
    logged AS (INSERT INTO evidence_outbox (entry_id, entry) SELECT %(said)s, %(entry)s FROM punctured),
    noted AS (
      INSERT INTO vault_keys_puncture (request, slot, nonce, entry_id, at, epoch, dies_at)
      SELECT %(request)s, %(slot)s, %(nonce)s, %(entry_id)s, %(at)s, %(epoch)s, %(dies_at)s FROM punctured
          ON CONFLICT DO NOTHING)
    SELECT 1 FROM punctured
"""


@keeps(Promise.DE_IDENTIFY)
def puncture_again(gone: Gone, *, now: datetime) -> None:
    """Make a slot underivable once more."""
    bucket, leaf = slots.bucket_of(gone.slot), gone.slot & (tree.LEAVES - 1)
    while found := _stands(bucket):
        epoch, generation, sealed, dies_at = found
        cover = buckets.cover_of(bucket, epoch, generation, bytes(sealed))
        if tree.leaf(cover, leaf) is None:
            return
        fresh = buckets.sealed_as(tree.puncture(cover, leaf), bucket, epoch, generation + 1)
        _write(
            gone, now, {"cover": fresh, "bucket": bucket, "epoch": epoch, "generation": generation, "dies_at": dies_at}
        )


def _stands(bucket: int) -> tuple[int, int, bytes, datetime] | None:
    with connections[KEYS].cursor() as cursor:
        cursor.execute(STANDS, [bucket])
        found: tuple[int, int, bytes, datetime] | None = cursor.fetchone()
    return found


def _write(gone: Gone, now: datetime, values: dict[str, Any]) -> None:
    entry = Entry(
        act=Act.KEYS_RESTORED, at=now, promise=Promise.DE_IDENTIFY,
        subject=erasure.slot_commitment(gone.slot, gone.nonce),
    )  # fmt: skip
    said: UUID = uuid4()
    values |= {
        "slot": gone.slot, "nonce": gone.nonce, "entry_id": gone.entry_id, "at": gone.at, "request": gone.request,
        "said": said, "entry": entry.encode(),
    }  # fmt: skip
    with connections[KEYS].cursor() as cursor:
        cursor.execute(PUNCTURE, values)
