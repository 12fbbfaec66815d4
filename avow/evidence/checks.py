"""
The live checks of this room, and the two calls that run everybody's.

Holds:    `the-log-adds-up` recomputes the root from the entries themselves: all of them while the
          log is short, and else at most STEP entries a run, going round again and again.
          None of them trusts a stored hash, nor a cache of the running service.
"""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connections
from django.db.models import Min

from avow.evidence import verifier, versions
from avow.evidence.entries import decode
from avow.evidence.merkle import Peaks, leaf_hash, peaks_of
from avow.evidence.models import Checkpoint, Leaf, Outbox, PolicyVersion
from avow.evidence.notes import log_key
from avow.evidence.running import Result, run_due, run_one
from avow.evidence.tiles import newest, reader
from avow.policy.promises import Promise, watches

__all__ = ["Result", "run_due", "run_one"]

STEP = 20_000  # entries a run, about a quarter of a second
PATIENCE = timedelta(seconds=5)  # how long an act may wait for the log
FROZEN = 'SELECT entry FROM evidence_leaf WHERE position(\'"act":"policy.frozen"\'::bytea IN entry) > 0'

_walk = Peaks()  # how far the present round has come


@watches(Promise.SECURITY_MEASURES, every=timedelta(minutes=1))
def the_log_adds_up(_now: datetime) -> str | None:
    """Recompute the log from its entries, compare every checkpoint on the way and check the signature of the last."""
    global _walk  # noqa: PLW0603 - a round outlives a run, and a new process begins anew
    signed = newest()
    if signed is None:
        return "the log has not signed anything yet"
    if signed.size <= STEP or _walk.size >= signed.size:
        _walk = Peaks()
    peaks = Peaks(_walk.size, list(_walk.hashes))
    goal = Checkpoint.objects.filter(size__gte=peaks.size + STEP).order_by("size").first() or signed
    if not is_signed(goal):
        return f"the checkpoint at {goal.size} entries was not signed with the log's key"
    if (wrong := _differs(peaks, goal.size)) is not None:
        return f"the log's entries are not the ones that it signed, at number {wrong} or before"
    if peaks_of(signed.size, reader()).root() != bytes(signed.root):
        return "the log's tiles do not fit what it signed"
    _walk = peaks  # only after a step that held: a step that did not is taken again
    return None


def is_signed(checkpoint: Checkpoint) -> bool:
    """Whether the log's key signed this checkpoint."""
    key = verifier.read_key(log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN).vkey)
    try:
        return verifier.check_checkpoint(checkpoint.note, key) == (checkpoint.size, bytes(checkpoint.root))
    except verifier.Refused:
        return False


def _differs(peaks: Peaks, until: int) -> int | None:
    """Take up entries until there; return the size of the first checkpoint that does not fit, or of a gap."""
    notes = dict(Checkpoint.objects.filter(size__gte=peaks.size, size__lte=until).values_list("size", "note"))
    for size in _sizes(peaks, until):
        if size in notes and notes[size].split("\n")[1:3] != [str(size), b64encode(peaks.root()).decode()]:
            return size
    return None if peaks.size == until else peaks.size


def _sizes(peaks: Peaks, until: int) -> Iterator[int]:
    """Yield the size before the first entry and after each, for as long as numbers and stored hashes fit."""
    yield peaks.size
    rows = Leaf.objects.filter(index__gte=peaks.size, index__lt=until).order_by("index")
    for index, entry, stored in rows.values_list("index", "entry", "hash").iterator(chunk_size=2000):
        leaf = leaf_hash(bytes(entry))
        if index != peaks.size or leaf != bytes(stored):
            return
        peaks.add(leaf)
        yield peaks.size


@watches(Promise.SECURITY_MEASURES, every=timedelta(seconds=15))
def nothing_waits_for_the_log(now: datetime) -> str | None:
    """No act waits longer than a few seconds; an act that waits is kept, and not recorded yet."""
    for database in ("default", "avow_keys"):
        oldest = Outbox.objects.using(database).aggregate(oldest=Min("waiting_since"))["oldest"]
        if oldest is not None and now - oldest > PATIENCE:
            return f"acts have waited for the log since {oldest:%d %B %Y %H:%M:%S} UTC; none is lost or proved"
    return None


@watches(Promise.VERSIONS_FROZEN, every=timedelta(minutes=5))
def published_texts_are_unchanged(_now: datetime) -> str | None:
    """Every published text and its date are the ones whose hashes stand in the log, in one chain."""
    before, recorded = "", published()
    for row in PolicyVersion.objects.order_by("number"):
        if sha256(bytes(row.raw)).hexdigest() != row.sha256 or row.parent != before:
            return f"version {row.number} is not the text that was published after the one before it"
        if row.sha256 not in recorded and not Outbox.objects.filter(entry_id=row.entry_id).exists():
            return f"version {row.number} was never recorded in the log"
        if recorded.pop(row.sha256, None) not in {None, versions.commitment(row)}:
            return f"the date or the place of version {row.number} is not the one that was published"
        before = row.sha256
    return f"{len(recorded)} of the texts that the log knows as published are not here" if recorded else None


@watches(Promise.VERSIONS_PUBLIC, every=timedelta(minutes=5))
def old_versions_are_readable(_now: datetime) -> str | None:
    """Every text that the log knows as published is listed and can be read."""
    listed = {version.sha256 for version in versions.all_versions()}
    for digest in sorted(set(published()) | set(PolicyVersion.objects.values_list("sha256", flat=True))):
        if digest not in listed or sha256(versions.read(digest).raw).hexdigest() != digest:
            return f"the version with the hash {digest[:12]}… cannot be read"
        if not versions.read(digest).bound.document.sentences:
            return f"the version with the hash {digest[:12]}… has no sentences"
    return None


def published() -> dict[str, bytes | None]:
    """Return the hashes of all texts that were published, as the log has them, with what it commits to of each."""
    with connections["default"].cursor() as cursor:
        cursor.execute(FROZEN)
        entries = [decode(bytes(raw)) for (raw,) in cursor.fetchall()]
    return {entry.policy: entry.evidence for entry in entries if entry.policy}
