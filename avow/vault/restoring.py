"""
Finish a restore: make keys, data and log fit again, so that who was erased stays erased and everybody else opens.

    0 the sequence     goes past every slot of which anybody knows
    - let go           with --without-keys: keys that are nowhere count as destroyed now; 4 forgets whose they were
    - holds            whose own key is destroyed get another; what the old one sealed is lost
    1 destroy again    each slot that data or seen.json call destroyed, with the same nonce and entry; keys.restored
    2 epochs           keys of which the key database knows nothing are written down, to be destroyed by their day
    3 slots            people whom the key database does not know get their row back
    4 people           who was erased and came back with older data: every store forgets, then the row says erased
    5 index            addresses whose token was lost are indexed again (`indexing`)
    6 the log          takes it all up; a new key backup and a new seen.json say so outside

Why in this order: nobody's key may be found again before the destroyed ones are gone, and what the law keeps of those
is resealed under keys that holds must have.

Holds:    each step may be repeated, and a crash leaves what the next run finds. Only 4 deletes rows, of people whose
          key is gone. A person whose bucket lies in no key store stays without a key, and the run says so. Nobody is
          let go of whom a key backup beside it has.
Assumes:  the service is stopped; `avow restore` sees to it.
Does not: bring back who joined after older data was taken: nobody has their rows.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from avow.errors import AvowError, KeyringLost, OutOfStep, Unavailable
from avow.evidence import notes, outbox, sequencing
from avow.evidence import seen as log_seen
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, canonical
from avow.evidence.finding import find, naming, waiting
from avow.evidence.models import Outbox
from avow.policy.promises import Promise, keeps
from avow.vault import crypto, erasure, fitting, holds, holds_rekeying, indexing, puncturing_again, tree
from avow.vault.fitting import Case, Finding
from avow.vault.keys import backups, buckets, epochs, lifetimes, loading, seen, slots
from avow.vault.keys.models import AttestedAct, Bucket, Epoch, EpochState, PersonSlot, Puncture
from avow.vault.models import Destroyed, Hold, Person
from avow.vault.stores import stores

Say = Callable[[str], Any]
NOWHERE = "no key store here has it; load a newer key backup, or let go of these people with --without-keys"
NONE_HAS_THEM = (
    "No key backup here has them; put back a newer one and name it: `avow restore keys FILE`. If there is none "
    "anywhere, their data is lost; `avow restore --without-keys` forgets them, as if they were erased."
)
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Step:
    """One thing that a restore would do, in words."""

    says: str
    how_many: int


def plan(found: Iterable[Finding], *, without_keys: bool = False) -> list[Step]:
    """Return what a restore would do about these findings; nothing where keys are missing: those come first."""
    cases = {finding.case for finding in found}
    if Case.KEYRING in cases:
        return []
    if Case.CLOCK in cases:
        return [Step("takes the clock's word: what is dated later counts as of now", 1)]
    keyless = fitting.without_slot()
    steps = [
        Step("destroys again the keys that were destroyed", len(fitting.reopened())),
        Step("gives people their slot back, from the copy beside their data", len(_healable(keyless))),
        _about_lost(_lost(keyless), without_keys=without_keys),
        Step("forgets again who was erased and came back with older data", len(returned())),
        Step("indexes addresses again that nobody could sign in with", indexing.missing()),
        Step("accepts, in the log, that the log was longer once", int(_breaks())),
    ]
    return [step for step in steps if step.how_many]


@keeps(Promise.DE_IDENTIFY)
def restore(*, now: datetime, say: Say, carried: Iterable[seen.Gone] = (), without_keys: bool = False) -> None:
    """Do all steps; `carried` names slots that a key store which was just replaced called destroyed.

    `without_keys` also lets go of people whose key is nowhere, instead of stopping for a newer key backup; where one
    that has them lies here, it stops and names it.
    """
    if problems := fitting.keyring():
        raise KeyringLost(" ".join(problems[0]))
    with epochs.alone():
        if fitting.clock(now):
            _take_the_clocks_word(now)
            return
        if called := fitting.epochs_called_destroyed() & set(fitting.epochs_with_covers()):
            raise OutOfStep(
                f"The log calls epoch {max(called)} destroyed and this key database needs it: it is past its day. "
                "Run `avow restore keys`, which loads the newest key backup."
            )
        _go_past_every_slot(carried, now)
        let_go = _let_go(now, say) if without_keys else 0
        holds_rekeying.rekey(now=now, say=say)
        punctured = _destroy_again(carried, now, say)
        _write_down_epochs(now)
        healed = _heal(say)
        forgotten = _forget_again(now, say)
    indexed = indexing.rebuild(now=now, say=say)
    did = {"again": punctured, "healed": healed, "let_go": let_go, "forgotten": forgotten, "indexed": indexed}
    _tell_the_log(did, now)
    if lost := _lost(fitting.without_slot()):  # before the backup: one of a store that lacks them would be the newest
        raise OutOfStep(
            f"{len(lost)} people stay without a key: the covers of their slots are not in this key database. "
            f"{_load(having) if (having := _having(lost)) else NONE_HAS_THEM}"
        )
    try:
        backups.take(now=now)
        seen.renew(now=now)
    except OSError as refused:
        raise Unavailable(f"{backups.cannot_write(refused)} All else is done; then run `avow restore` again.") from None


def returned() -> list[tuple[UUID, seen.Gone]]:
    """Return living people whose slot is destroyed and whose erasure the log here does not know."""
    gone = {row.slot: seen.gone_of(row) for row in fitting.unlogged()}
    outside = seen.read()
    gone |= {one.slot: one for one in (outside.gone if outside else ())}
    rows = Person.objects.filter(slot__in=gone).order_by("person").values_list("person", "slot")
    return [(person, gone[slot]) for person, slot in rows if slot is not None and _nobody_finishes(gone[slot])]


def _nobody_finishes(gone: seen.Gone) -> bool:
    """Say whether the log has lost the erasure; one that it knows is under way, and its own request ends it."""
    return not waiting([gone.entry_id]) and not find([gone.entry_id])


def _go_past_every_slot(carried: Iterable[seen.Gone], now: datetime) -> None:
    """Let the sequence go past every slot of which anybody knows, so that none is given a second time.

    Where the bucket of the last one is lost, it goes on in a bucket behind: one made anew under the lost one's number
    would give its slots other keys, those of destroyed slots too.
    """
    outside = seen.read()
    known = [one.slot for one in (*carried, *(outside.gone if outside else ()))]
    for table in (Person, PersonSlot, Puncture, Destroyed):
        highest = table.objects.aggregate(highest=Max("slot"))["highest"]
        known += [] if highest is None else [highest]
    if not known:
        return
    last = slots.bucket_of(max(known))
    lost = not Bucket.objects.filter(bucket_id=last).exists()
    with transaction.atomic(using=epochs.KEYS):
        slots.go_past((last + 1) * tree.LEAVES - 1 if lost else max(known))
        if lost:
            buckets.make_up_to(last + 1 + buckets.AHEAD, made=last, now=now)


def _destroy_again(carried: Iterable[seen.Gone], now: datetime, say: Say) -> int:
    wanted = {one.slot: one for one in (*fitting.reopened(), *carried)}
    open_again = fitting.still_open(wanted)
    people = list(Person.objects.filter(slot__in=open_again).values_list("person", flat=True))
    # A hold that is younger than the key store lacks its own slot, and could keep nothing; no erased slot is given.
    own = Hold.objects.filter(person__in=people, subject__isnull=False).values_list("subject", flat=True)
    _heal(say, only={subject for subject in own if subject})
    for person in people:
        holds.keep(person, now=now)  # what the law keeps of them moves under the hold's own key, as at the first time
    for slot in open_again:
        puncturing_again.puncture_again(wanted[slot], now=now)
    if open_again:
        say(f"{len(open_again)} keys that were destroyed are destroyed again.")
    return len(open_again)


def _write_down_epochs(now: datetime) -> None:
    """Enter keys that the key database does not know: no cover here needs them, and they still have their day."""
    known = set(Epoch.objects.values_list("number", flat=True))
    for number in [number for number in epochs.keyring().list() if number not in known]:
        opened = [entry.at for entry in naming(epochs.named(number)) if entry.act is Act.EPOCH_OPENED]
        began = min([*opened, now - A_MOMENT])
        Epoch.objects.create(
            number=number, state=EpochState.CONDEMNED, began_at=began, retired_at=now, condemned_at=now,
            condemned_lsn="0/0", dies_at=lifetimes.day_of(began, now=now), installation=backups.installation(),
        )  # fmt: skip


def _heal(say: Say, *, only: Collection[UUID] | None = None) -> int:
    """Give people, or only some, their slots back where the bucket is there."""
    healable = [one for one in _healable(fitting.without_slot()) if only is None or one[0] in only]
    owners = dict(PersonSlot.objects.filter(slot__in=[slot for _, slot in healable]).values_list("slot", "person"))
    with transaction.atomic(using=epochs.KEYS):
        # In an older copy a sign-up that was never finished may hold the slot; the person in avow is who has it.
        slots.give_back(owners.values())
        PersonSlot.objects.bulk_create((PersonSlot(person=who, slot=slot) for who, slot in healable), batch_size=5000)
    if healable:
        say(f"{len(healable)} people have their slot back.")
    return len(healable)


def _healable(keyless: list[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    made = set(Bucket.objects.values_list("bucket_id", flat=True)) if keyless else set()
    return [(who, slot) for who, slot in keyless if slots.bucket_of(slot) in made]


def _lost(keyless: list[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    healable = set(_healable(keyless))
    return [one for one in keyless if one not in healable]


def _about_lost(lost: list[tuple[UUID, int]], *, without_keys: bool) -> Step:
    """Say what becomes of people whose bucket is in no key store here."""
    if not without_keys:
        return Step(f"CANNOT give a key back: {NOWHERE}", len(lost))
    if having := _having(lost):
        return Step(f"CANNOT let go of people whom a backup has. {_load(having)}", len(lost))
    return Step("FORGETS people whose key is nowhere, for good: what they gave opens for nobody", len(lost))


def _having(lost: list[tuple[UUID, int]]) -> Path | None:
    """Return the newest key backup that has the cover of any of these slots."""
    wanted = {slots.bucket_of(slot) for _, slot in lost}
    for path, _ in backups.usable() if wanted else ():
        try:
            if wanted & loading.buckets_in(path):
                return path
        except (AvowError, OSError):
            continue  # damaged: it gives nobody's key back
    return None


def _load(having: Path) -> str:
    return f"Run `avow restore keys {having}`: that backup has them."


def _let_go(now: datetime, say: Say, *, random: crypto.Random = secrets.token_bytes) -> int:
    """Write down keys that are nowhere as destroyed: from here on theirs are people who were erased and came back.

    The person stands for the request. So what was under way with a key of its own, such as a hold's end, finds it done.
    """
    lost = _lost(fitting.without_slot())
    if having := _having(lost):
        raise OutOfStep(f"Nobody was let go of. {_load(having)}")
    if lost:
        epoch = Epoch.objects.get(number=epochs.current(now=now))
        gone = (
            Puncture(
                request=person, slot=slot, nonce=random(erasure.NONCE), entry_id=uuid4(), at=now,
                epoch=epoch.number, dies_at=epoch.dies_at,
            )
            for person, slot in lost
        )  # fmt: skip
        with transaction.atomic(using=epochs.KEYS):
            Puncture.objects.bulk_create(gone, batch_size=5000)
            AttestedAct.objects.filter(person__in=[person for person, _ in lost]).delete()
        say(f"{len(lost)} people whose key is nowhere are let go of; nobody can open what they gave.")
    return len(lost)


def _forget_again(now: datetime, say: Say) -> int:
    """Let every store forget who was erased; the log is told of each erasure again, as it was told before."""
    people = returned()
    for person, gone in people:
        erasure.begin(person, now=now)
        for store in reversed(stores()):
            store.forget(person, request=gone.request, now=now)
        erasure.finish(person, slot=gone.slot, nonce=gone.nonce, entry_id=gone.entry_id, at=gone.at)
    for row in fitting.unlogged():  # last: what the log does not know is how a second run finds them
        _log_again(seen.gone_of(row))
    if people:
        say(f"{len(people)} people whose key is destroyed, and whose data was here, are forgotten.")
    return len(people)


def _log_again(gone: seen.Gone) -> None:
    """Put the lost entry back in line, under its own number and with its own time: receipts name it so."""
    entry = Entry(
        act=Act.KEY_DESTROYED, at=gone.at, promise=Promise.DE_IDENTIFY,
        subject=erasure.slot_commitment(gone.slot, gone.nonce),
    )  # fmt: skip
    Outbox(entry_id=gone.entry_id, entry=entry.encode()).save(using=epochs.KEYS, force_insert=True)


def _take_the_clocks_word(now: datetime) -> None:
    """Bring epochs back from the future, so that their keys die by the day that people were told, or before."""
    late = Epoch.objects.exclude(state=EpochState.DESTROYED).filter(began_at__gt=now)
    late.update(began_at=now - A_MOMENT, dies_at=lifetimes.day_of(now - A_MOMENT, now=now))
    _tell_the_log({"clock": 1}, now)  # signed as of now: from here on this is the newest


def _breaks() -> bool:
    return bool(fitting.broken_notes() or fitting.newer_backup())


def _tell_the_log(did: dict[str, int], now: datetime) -> None:
    """Write down that keys were restored, and each break of the log that was accepted with it."""
    said = [log_seen.accepting(note) for _, note in fitting.broken_notes()]
    for evidence in said or [sha256(canonical(did)).digest()]:
        entry = Entry(act=Act.KEYS_RESTORED, at=now, promise=Promise.DE_IDENTIFY, evidence=evidence)
        with transaction.atomic():
            outbox.record(entry)
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    while sequencing.sequence(key=key, now=now):
        pass
