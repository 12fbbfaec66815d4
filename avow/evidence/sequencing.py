"""
Take acts from both outboxes into the log: the one writer, in one order.

Why read, insert and delete by id: ids are given before commits, so "everything after the last
id I saw" loses acts (311 of 6 810, measured). Reading what is there and deleting exactly that
loses none, whatever the order in which writers commit.

Holds:    one transaction adds leaves, full tiles and a signed checkpoint and takes the entries out of
          avow's outbox; a crash leaves all of it or nothing. The outbox of avow_keys lies in another
          database: it is emptied after that commit, and what a crash leaves there is recognised
          by its entry id the next time and not added twice. A log without entries is signed too.
          Acts of one outbox keep the order of their ids, also when the machine's clock steps back;
          between the two outboxes the clock decides.
          Before it signs anything new it makes sure that this key signed the present end, and that
          the tree's edge still has that root: it never continues a log that was tampered with.
Does not: look further back than the edge; the check `the-log-adds-up` does.
"""

import heapq
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from operator import itemgetter
from uuid import UUID

from django.db import connections, transaction

from avow.errors import KeyringLost, Unavailable
from avow.evidence.merkle import HEIGHT, WIDTH, ReadTile, leaf_hash, peaks_of, root
from avow.evidence.models import Checkpoint
from avow.evidence.notes import SigningKey
from avow.evidence.tiles import newest, reader
from avow.policy.promises import Promise, keeps

LOG, KEYS = "avow_log", "avow_keys"
BATCH = 1024  # entries a commit takes from each outbox at most
ONE_AT_A_TIME = 0x61766F77_6C6F67  # "avowlog": the advisory lock of the one writer

Waiting = tuple[int, UUID, bytes, datetime]  # id, entry id, entry, since when
Grown = tuple[int, int, bytes, bytes]  # level, number, hashes, root


@keeps(Promise.SECURITY_MEASURES)
def sequence(*, key: SigningKey, now: datetime) -> int:
    """Move what waits into the log and return how many entries that were; call again while it returns many."""
    with transaction.atomic(using=LOG):
        with connections[LOG].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        here, there = _waiting(LOG), _waiting(KEYS)
        known = _known([entry_id for _, entry_id, _, _ in there])
        fresh = [row for row in merged(here, there) if row[1] not in known]
        signed = newest(LOG)
        if fresh or signed is None:
            _append(fresh, signed, key, now)
        _delete(LOG, here)
    _delete(KEYS, there)  # a crash before this line leaves rows that `_known` will recognise
    return len(fresh)


def _waiting(using: str) -> list[Waiting]:
    """Return the oldest entries of one outbox."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT id, entry_id, entry, waiting_since FROM evidence_outbox ORDER BY id LIMIT %s", [BATCH])
        return [(number, entry_id, bytes(entry), since) for number, entry_id, entry, since in cursor.fetchall()]


def merged(*outboxes: Sequence[Waiting]) -> list[Waiting]:
    """Return the rows of all outboxes by when they came, each outbox's own in the order of their ids."""
    latest = [accumulate((row[3] for row in rows), max) for rows in outboxes]  # a clock that steps back stands still
    keyed = [list(zip(times, rows, strict=True)) for times, rows in zip(latest, outboxes, strict=True)]
    return [row for _, row in heapq.merge(*keyed, key=itemgetter(0))]


def _known(entry_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these acts the log has already; only a crash can have left any."""
    if not entry_ids:
        return set()
    with connections[LOG].cursor() as cursor:
        cursor.execute("SELECT entry_id FROM evidence_leaf WHERE entry_id = ANY(%s)", [list(entry_ids)])
        return {entry_id for (entry_id,) in cursor.fetchall()}


def _delete(using: str, rows: Sequence[Waiting]) -> None:
    """Take exactly these rows out of the outbox."""
    if rows:
        with connections[using].cursor() as cursor:
            cursor.execute("DELETE FROM evidence_outbox WHERE id = ANY(%s)", [[row[0] for row in rows]])


def _append(fresh: Sequence[Waiting], signed: Checkpoint | None, key: SigningKey, now: datetime) -> None:
    """Add leaves and tiles and sign the new end of the log."""
    size = signed.size if signed else 0
    hashes = [leaf_hash(entry) for _, _, entry, _ in fresh]
    read = reader(LOG)
    peaks = peaks_of(size, read)
    if signed:
        _trust(signed, peaks.root(), key)
    for leaf in hashes:
        peaks.add(leaf)
    tiles = grow(size, hashes, read)
    with connections[LOG].cursor() as cursor:
        cursor.execute(
            "INSERT INTO evidence_leaf (index, entry_id, entry, hash) SELECT %s + n - 1, i, e, h "
            "FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) WITH ORDINALITY AS fresh (i, e, h, n)",
            [size, [row[1] for row in fresh], [row[2] for row in fresh], hashes],
        )
        for tile in tiles:
            cursor.execute("INSERT INTO evidence_tile (level, number, hashes, root) VALUES (%s, %s, %s, %s)", tile)
    note = key.checkpoint(peaks.size, peaks.root())
    Checkpoint(size=peaks.size, root=peaks.root(), note=note, at=now).save(using=LOG, force_insert=True)


def _trust(signed: Checkpoint, found: bytes, key: SigningKey) -> None:
    """Refuse to continue a log that another key signed or whose edge has another root (Ed25519 signs one way only)."""
    if key.checkpoint(signed.size, bytes(signed.root)) != signed.note:
        raise KeyringLost("Another key signed this log; put its log.secret back into the keyring, then start again.")
    if found != bytes(signed.root):
        raise Unavailable("The log's last entries are not the ones it signed; restore the database, then start again.")


def grow(size: int, hashes: Sequence[bytes], read: ReadTile) -> list[Grown]:
    """Return the tiles that these leaves complete, level by level."""
    tiles: list[Grown] = []
    level, above = 0, list(hashes)
    while above:
        count = size >> (HEIGHT * level)
        row = [*(read(level, count // WIDTH, count % WIDTH) if count % WIDTH else ()), *above]
        full = [row[start : start + WIDTH] for start in range(0, len(row) - WIDTH + 1, WIDTH)]
        above = [root(chunk) for chunk in full]
        tiles += [(level, count // WIDTH + n, b"".join(chunk), above[n]) for n, chunk in enumerate(full)]
        level += 1
    return tiles
