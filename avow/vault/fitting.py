"""
Hold the key store against the log and the data: what does not fit, as findings.

    keyring     a key that a living epoch needs is lost, damaged, open to others, or another installation's
    older-keys  the key database is from before something that the data, the log or the keyring knows
    older-data  the data and its log are from before something that the key database or a file outside knows
    clock       the clock shows a time before what was written here last

Why: a backup that is put back undoes erasures, and nothing in it says so. The parts are never all equally old (the data
names destroyed slots, the key database punctures, the keyring epochs, a file outside the log's size), so whatever was
put back is behind one of them.

Holds:    it looks at the covers themselves and believes no table's word that a slot is destroyed. It changes
          nothing and opens nothing but covers. With an empty house, or one whose parts fit, it finds nothing.
Assumes:  an older copy lacks the newest rows first, so only the newest are looked for (`NEWEST`). If all parts are
          equally old and nothing outside says otherwise, nothing can tell: keep a checkpoint elsewhere as well.
Does not: mend; `restoring` does, and `fence` stops.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import Max

from avow.errors import AvowError, DoesNotOpen, KeyringLost
from avow.evidence import seen as log_seen
from avow.evidence import tiles
from avow.evidence.acts import Act
from avow.evidence.finding import find, naming, waiting
from avow.evidence.models import Checkpoint
from avow.vault import tree
from avow.vault.keys import backups, buckets, epochs, installations, seen, slots
from avow.vault.keys.models import WRAPPING, Bucket, Epoch, EpochState, PersonSlot, Puncture
from avow.vault.keys.seen import Gone
from avow.vault.models import Destroyed, Person

Row = TypeVar("Row")
NEWEST = 2_000  # rows at the newest end in which an older copy shows
STEP = timedelta(hours=1)  # by which a clock may step back without a word
AT_ONCE = 50_000  # slots that are looked at before the next are read: there are ever more of them
NOT_LOGGED = "Keys were destroyed of which the log says nothing: it is older than the key database."
AGAIN = "Run `avow restore`: it shows what it would do, then does it."


class Case(StrEnum):
    """What kind of thing does not fit; the order is that in which they are told and mended."""

    KEYRING = "keyring"
    CLOCK = "clock"
    OLDER_KEYS = "older-keys"
    OLDER_DATA = "older-data"


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit, and what to do."""

    case: Case
    says: str
    remedy: str = AGAIN

    def __str__(self) -> str:
        return f"{self.says} {self.remedy}"


def compare(*, now: datetime) -> list[Finding]:
    """Return everything that does not fit; nothing where all of it does."""
    found = [Finding(Case.KEYRING, says, remedy) for says, remedy in keyring()]
    found += [Finding(Case.CLOCK, says, remedy) for says, remedy in clock(now)]
    if found:
        return found  # without keys no cover opens, and without a clock nothing is older
    try:
        found += [Finding(Case.OLDER_KEYS, says) for says in older_keys()]
        found += [Finding(Case.OLDER_DATA, says) for says in older_data()]
    except AvowError as refused:
        return [Finding(Case.KEYRING, str(refused), "")]
    return found


def keys_now() -> list[str]:
    """Return what does not fit of the keys of a service that runs: what the start looked at, once more."""
    found = [says for says, _ in keyring()] or older_keys()
    back = set(epochs.keyring().list()) & set(
        Epoch.objects.filter(state=EpochState.DESTROYED).values_list("number", flat=True)
    )
    found += [f"The destroyed key of epoch {number} lies in the keyring again." for number in sorted(back)]
    return found + ([NOT_LOGGED] if unlogged(at_most=NEWEST) else [])


def keyring() -> list[tuple[str, str]]:
    """Return which key is lost or foreign; a key that the log calls destroyed is not lost: then the database is old."""
    back = (
        f"Put {settings.KEYRING_FOLDER} back from its copy, then start again; until then no sealed value can be opened."
    )
    known = list(Epoch.objects.exclude(installation="").values_list("installation", flat=True).distinct())
    if known and not installations.there():
        return [(f"The keyring in {settings.KEYRING_FOLDER} is lost: the secret that was made with it is gone.", back)]
    if known and known != [installations.ours()]:
        return [(f"The keyring in {settings.KEYRING_FOLDER} belongs to another installation than the databases.", back)]
    found, dead = [], epochs_called_destroyed()
    for number in Epoch.objects.filter(state__in=WRAPPING).order_by("number").values_list("number", flat=True):
        try:
            buckets.prove(number)  # a key file of another installation is whole as well
        except DoesNotOpen:
            found.append((f"The key of epoch {number} is not the one that sealed its covers.", back))
        except KeyringLost as lost:
            if number in dead:
                found.append((_past_its_day(number), f"Run `avow restore keys`: it loads {_usable()}."))
            else:
                found.append((str(lost), f"If the whole folder is lost: {back[0].lower()}{back[1:]}"))
    return found


def clock(now: datetime) -> list[tuple[str, str]]:
    """Return that the clock shows a time before what was written last, if it does."""
    last = Checkpoint.objects.order_by("-size").values_list("at", flat=True).first()
    began = Epoch.objects.filter(state=EpochState.CURRENT).values_list("began_at", flat=True).first()
    newest = max((moment for moment in (last, began) if moment), default=now)
    if newest <= now + STEP:
        return []
    says = f"The clock shows {now:%Y-%m-%d %H:%M} UTC, and the newest entry here is of {newest:%Y-%m-%d %H:%M} UTC."
    return [(says, "Set the clock, then start again; if it is right now and was wrong then, run `avow restore`.")]


def older_keys() -> list[str]:
    """Return what shows that the key database is older than the data, the log or the keyring."""
    found = []
    if open_again := reopened():
        found.append(f"{len(open_again)} destroyed keys can be derived again: the key database is an older one.")
    if keyless := without_slot(at_most=NEWEST):
        found.append(f"{len(keyless)} people or more have no slot: the key database is older than the data.")
    elif slots_behind():
        found.append("Slots would be given a second time: the key database is older than the data.")
    if numbers := epochs_called_destroyed() & set(epochs_with_covers()):
        found.append(f"The log calls epoch {max(numbers)} destroyed, and the key database uses it: it is an older one.")
    if ahead := epochs_ahead():
        found.append(f"The keyring has the key of epoch {max(ahead)}, of which the key database knows nothing.")
    return found


def older_data() -> list[str]:
    """Return what shows that the data and its log are older than the keys, or than what was seen outside."""
    found = []
    if lost := unlogged(at_most=NEWEST):
        found.append(f"{len(lost)} erasures or more are missing in the log: the data is older than the key database.")
    found += [f"The log is shorter than, or another one than, what {place}." for place, _ in broken_notes()]
    if newer := newer_backup():
        found.append(f"The key backup {newer} was taken when the log was longer: the data is older than that.")
    return found


def reopened() -> list[Gone]:
    """Return the slots that the data or a file outside calls destroyed and whose cover still has the leaf."""
    outside = seen.read()
    gone = {one.slot: one for one in (outside.gone if outside else ())}
    found = {slot: gone[slot] for slot in still_open(gone)}
    open_here = [slot for some in _destroyed_here() for slot in still_open(some)]
    for row in Destroyed.objects.filter(slot__in=set(open_here) - set(found)):
        found[row.slot] = Gone(row.slot, bytes(row.nonce), row.entry_id, row.destroyed_at, row.entry_id)
    return [found[slot] for slot in sorted(found)]


def still_open(wanted: Iterable[int]) -> list[int]:
    """Return which of these slots can still be derived from the covers."""
    by_bucket = {bucket: list(members) for bucket, members in groupby(sorted(wanted), key=slots.bucket_of)}
    found, load = list[int](), cache(epochs.keyring().load)
    for row in Bucket.objects.filter(bucket_id__in=list(by_bucket)).order_by("bucket_id").iterator():
        cover = buckets.cover_of(row.bucket_id, row.epoch_id, row.generation, bytes(row.cover), load=load)
        found += [slot for slot in by_bucket[row.bucket_id] if tree.has(cover, slot & (tree.LEAVES - 1))]
    return found


def _destroyed_here() -> Iterator[list[int]]:
    """Yield the slots that the data calls destroyed, in order."""
    last = -1
    while some := list(
        Destroyed.objects.filter(slot__gt=last).order_by("slot").values_list("slot", flat=True)[:AT_ONCE]
    ):
        yield some
        last = some[-1]


def without_slot(*, at_most: int | None = None) -> list[tuple[UUID, int]]:
    """Return living people, those of the newest slots first, of whom the key database knows no slot."""
    rows = Person.objects.exclude(slot=None).order_by("-slot").values_list("person", "slot")[:at_most]
    found: list[tuple[UUID, int]] = []
    for batch in _batches(list(rows)):
        there = set(PersonSlot.objects.filter(person__in=[who for who, _ in batch]).values_list("person", flat=True))
        missing = {who: slot for who, slot in batch if who not in there and slot is not None}
        gone = set(Puncture.objects.filter(slot__in=missing.values()).values_list("slot", flat=True))
        found += [(who, slot) for who, slot in missing.items() if slot not in gone]
    return found


def slots_behind() -> bool:
    """Say whether the next sign-up would be given a slot that somebody has."""
    highest = Person.objects.aggregate(highest=Max("slot"))["highest"]
    with connections[epochs.KEYS].cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE -1 END FROM vault_slot")
        return highest is not None and bool(cursor.fetchone()[0] < highest)


def epochs_called_destroyed() -> set[int]:
    """Return the living epochs of the key database that the log says are destroyed."""
    living = Epoch.objects.exclude(state=EpochState.DESTROYED)
    oldest = living.order_by("began_at").values_list("began_at", flat=True).first()
    return (
        {number for number in living.values_list("number", flat=True) if _logged(number, oldest)} if oldest else set()
    )


def epochs_with_covers() -> list[int]:
    """Return the epochs that seal covers."""
    return list(Bucket.objects.order_by("epoch_id").values_list("epoch_id", flat=True).distinct())


def epochs_ahead() -> list[int]:
    """Return epochs that have a key and no row; one more than the newest may be a roll that was killed at its start."""
    known = set(Epoch.objects.values_list("number", flat=True))
    ahead = [number for number in epochs.keyring().list() if number not in known]
    return (
        ahead
        if len(ahead) > 1 or any(number > max(known, default=0) + 1 or _opened(number) for number in ahead)
        else []
    )


def unlogged(*, at_most: int | None = None) -> list[Puncture]:
    """Return punctures, the newest first, of which neither the log nor what waits for it knows."""
    rows = list(Puncture.objects.order_by("-at")[:at_most])
    found: list[Puncture] = []
    for batch in _batches(rows):
        ids = [row.entry_id for row in batch]
        known = waiting(ids)  # asked first: what waits moves on into the log
        known |= set(find(ids))
        found += [row for row in batch if row.entry_id not in known]
    return found


def broken_notes() -> list[tuple[str, str]]:
    """Return the checkpoints outside the databases that the log does not go on from, each with the words for it."""
    outside, found = seen.read(), []
    if outside and outside.note and log_seen.broken_since(outside.note):
        found.append((f"{seen.path()} saw on {outside.at:%Y-%m-%d %H:%M} UTC", outside.note))
    if settings.LOG_SEEN:
        note = log_seen.kept_at(settings.LOG_SEEN)
        if log_seen.broken_since(note):
            found.append((f"{settings.LOG_SEEN} shows", note))
    return found


def newer_backup() -> str | None:
    """Return the name of the newest key backup when the log was longer at its time than it is now."""
    newest = max(backups.ours(), key=lambda known: known[1].taken_at, default=None)
    signed = tiles.newest()  # asked second: the log only grows
    return newest[0].name if newest and newest[1].log_size > (signed.size if signed else 0) else None


def _logged(number: int, since: datetime) -> bool:
    return _said(Act.EPOCH_DESTROYED, number, since)


def _opened(number: int) -> bool:
    newest = Epoch.objects.order_by("-number").values_list("began_at", flat=True).first()
    return newest is not None and _said(Act.EPOCH_OPENED, number, newest)


def _said(act: Act, number: int, since: datetime) -> bool:
    """Look for an act on an epoch in the log, from the checkpoint before this time on."""
    before = Checkpoint.objects.filter(at__lt=since).order_by("-size").values_list("size", flat=True).first()
    return any(entry.act is act for entry in naming(epochs.named(number), since=before or 0))


def _past_its_day(number: int) -> str:
    return (
        f"The key of epoch {number} is destroyed, as the log says: this key database is past its day and opens nothing."
    )


def _usable() -> str:
    """Name the newest backup that still opens."""
    for place, _ in backups.usable():
        return f"{place.name}, the newest backup that opens"
    return "a backup that still opens, and none of those here does: put back a newer one"


def _batches(rows: list[Row], size: int = 10_000) -> Iterable[list[Row]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
