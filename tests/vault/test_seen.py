"""
What is seen outside both databases: one file for each epoch whose key lives, written when it lacks something.

It bites: a `renew` that never looks at counts fails `test_each_erasure_is_seen`; one that writes every file each time
fails `test_an_epoch_that_is_over_is_not_written_again`; one that leaves dead epochs' files fails that one too.
"""

from datetime import timedelta

import pytest
from django.db import transaction

from avow.errors import BadInput
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise
from avow.vault import fence, restoring
from avow.vault.keys import backups, rolling, seen
from avow.vault.keys.models import Epoch
from tests.vault.ages import Copy
from tests.vault.test_fence import LATER, NOW, erase, join, take_up

pytestmark = pytest.mark.proves(Promise.DE_IDENTIFY)


AFTER = NOW + timedelta(days=1, hours=1)  # of the second epoch


def gone():
    return {one.slot for one in seen.read().gone}


@pytest.fixture
def two_epochs(apart):
    """Three people; one erased under epoch 1, and the keys rolled."""
    people = [join(f"one{n}") for n in range(3)]
    erased = [int(erase(people[0]).opening["slot"])]
    take_up()
    seen.renew(now=LATER)
    rolling.roll(now=NOW + timedelta(days=1))
    return people[1:], erased


def test_each_erasure_is_seen(two_epochs):
    people, erased = two_epochs
    assert gone() == set(erased)
    for one in people:
        erased.append(int(erase(one).opening["slot"]))
        take_up()
        assert seen.renew(now=LATER) == 1
        assert gone() == set(erased)
    assert len(seen.destroyed(1)) == 1
    assert len(seen.destroyed(2)) == 2


def test_an_epoch_that_is_over_is_not_written_again(two_epochs):
    people, _ = two_epochs
    before = seen.file_of(1).stat().st_ino
    erase(people[0])
    take_up()
    seen.renew(now=LATER)
    assert seen.file_of(1).stat().st_ino == before
    assert seen.file_of(1).stat().st_mode & 0o777 == 0o600
    join("another", LATER)
    rolling.roll(now=LATER, at_once=True)  # the log grew, and nobody was erased
    take_up()
    assert seen.renew(now=LATER) == 1
    assert not {file for file in (seen.file_of(1), seen.file_of(2)) if file.exists()}, "no copy opens with a dead key"


def test_a_file_that_is_missing_or_another_epochs_is_said(two_epochs):
    erase(two_epochs[0][0])
    take_up()
    seen.renew(now=LATER)
    kept = seen.file_of(2).read_bytes()
    seen.file_of(2).unlink()
    with pytest.raises(BadInput, match="damaged, missing or another installation"):
        seen.read()
    seen.file_of(2).write_bytes(seen.file_of(1).read_bytes())
    with pytest.raises(BadInput, match="damaged, missing or another installation"):
        seen.read()
    seen.file_of(2).write_bytes(kept)
    assert len(gone()) == 2


def test_an_older_key_database_takes_nothing_away(two_epochs):
    """Tried: a `renew` that writes whatever differs, or removes what the key database does not name, forgets here."""
    older = Copy("avow_keys")
    erased = {*two_epochs[1], int(erase(two_epochs[0][0]).opening["slot"])}
    take_up()
    seen.renew(now=LATER)
    older.put_back()  # beneath a service that goes on
    Epoch.objects.filter(number=2).update(dies_at=LATER + timedelta(days=3))
    join("another", LATER)
    rolling.roll(now=NOW + timedelta(days=2))
    take_up()
    assert seen.renew(now=LATER) == 1
    assert gone() == erased


@pytest.mark.parametrize("kind", ["cut off", "changed behind a whole beginning"])
def test_a_file_that_was_damaged_is_written_again(two_epochs, kind):
    """Tried: a count in clear beside the sealed slots was believed of a file that opens for nobody."""
    place = seen.file_of(1)
    place.write_text("{" if kind == "cut off" else place.read_text().replace('"sealed": "', '"sealed": "00'))
    erase(two_epochs[0][0])
    take_up()
    seen.renew(now=LATER)
    assert len(gone()) == 2


def test_slots_are_believed_where_the_first_file_is_missing(two_epochs):
    """Tried: a `read` that begins with the list forgets, where it is lost, what is sealed beside it."""
    seen.path().unlink()
    assert gone() == set(two_epochs[1])
    assert seen.read().note is None
    older = Copy("avow_keys")
    older.put_back()
    assert seen.renew(now=LATER) == 1
    assert gone() == set(two_epochs[1])
    assert seen.read().note


def test_what_an_older_key_database_lacks_stays_beside_what_it_learns(two_epochs):
    """Tried: a file that is written from the key database alone, once that knows more slots, drops the others."""
    older = Copy("avow_keys")
    erased = {*two_epochs[1], int(erase(two_epochs[0][0]).opening["slot"])}
    take_up()
    seen.renew(now=LATER)
    older.put_back()
    for n in range(2):
        erased.add(int(erase(join(f"more{n}", LATER)).opening["slot"]))
    take_up()
    assert seen.renew(now=LATER) == 1
    assert gone() == erased


def test_a_break_that_was_accepted_is_seen_past_though_the_restore_was_killed(two_epochs, monkeypatch):
    """Tried: with a look at lengths alone nothing is written until the log is as long again, erasures neither."""
    older = Copy("avow")
    with transaction.atomic():
        for n in range(9):  # that older data does not know
            outbox.record(Entry(act=Act.KEYS_RESTORED, at=AFTER, promise=Promise.DE_IDENTIFY, evidence=bytes([n] * 32)))
    erase(two_epochs[0][0], AFTER)
    take_up(AFTER)
    seen.renew(now=AFTER)
    erased = gone()
    older.put_back()
    assert seen.renew(now=AFTER) == 0, "nobody has accepted it yet"
    with monkeypatch.context() as patch:
        patch.setattr(restoring.backups, "take", killed)
        with pytest.raises(KeyboardInterrupt):
            restoring.restore(now=AFTER, say=lambda _: None)
    fence.require(now=AFTER)
    erased.add(int(erase(two_epochs[0][1], AFTER).opening["slot"]))
    take_up(AFTER)
    assert seen.renew(now=AFTER) == 1
    assert gone() == erased


def test_a_slot_whose_cover_is_lost_stays_until_its_epoch_ends(two_epochs, superuser):
    """Tried: a file that a restore writes anew from the key database alone lets a cover that turns up open again."""
    before = Copy("avow_keys")
    erased = {*two_epochs[1], int(erase(two_epochs[0][0], AFTER).opening["slot"])}
    take_up(AFTER)
    seen.renew(now=AFTER)
    before.put_back()
    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_personslot")
        dba.execute("DELETE FROM vault_keys_puncture")
        dba.execute("DELETE FROM vault_keys_bucket")
    for path in backups.every():
        path.unlink()
    restoring.restore(now=AFTER, say=lambda _: None, without_keys=True)
    assert gone() >= erased
    fence.require(now=AFTER)


def killed(*_, **__):
    raise KeyboardInterrupt


def test_a_list_that_names_an_epoch_which_died_meanwhile_is_read_again(two_epochs, monkeypatch):
    """What a reader holds may be a moment old: the file of an epoch goes once the list no longer names it."""
    looks, plain = [], seen._read_epoch

    def gone_at_first(epoch):
        looks.append(epoch)
        if len(looks) == 1:
            raise FileNotFoundError(2, "", "seen-000001.json")
        return plain(epoch)

    monkeypatch.setattr(seen, "_read_epoch", gone_at_first)
    assert gone() == set(two_epochs[1])
    assert looks == [1, 1]
