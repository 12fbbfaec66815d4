"""
What is seen outside both databases: one file for each epoch whose key lives, written when it lacks something.

It bites: a `renew` that never looks at counts fails `test_each_erasure_is_seen`; one that writes every file each time
fails `test_an_epoch_that_is_over_is_not_written_again`; one that leaves dead epochs' files fails that one too.
"""

from datetime import timedelta

import pytest

from avow.errors import BadInput
from avow.policy.promises import Promise
from avow.vault.keys import rolling, seen
from avow.vault.keys.models import Epoch
from tests.vault.ages import Copy
from tests.vault.test_fence import LATER, NOW, erase, join, take_up

pytestmark = pytest.mark.proves(Promise.DE_IDENTIFY)


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
    with pytest.raises(BadInput, match="damaged or another installation"):
        seen.read()
    seen.file_of(2).write_bytes(seen.file_of(1).read_bytes())
    with pytest.raises(BadInput, match="damaged or another installation"):
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


def test_a_file_that_was_damaged_is_written_again(two_epochs):
    seen.file_of(1).write_text("{")
    erase(two_epochs[0][0])
    take_up()
    seen.renew(now=LATER)
    assert len(gone()) == 2


def test_a_list_that_names_an_epoch_which_died_meanwhile_is_read_again(two_epochs, monkeypatch):
    """What a reader holds may be a moment old: the file of an epoch goes once the list no longer names it."""
    looks, plain = [], seen._read_epoch

    def gone_at_first(epoch):
        looks.append(epoch)
        if len(looks) == 1:
            raise FileNotFoundError
        return plain(epoch)

    monkeypatch.setattr(seen, "_read_epoch", gone_at_first)
    assert gone() == set(two_epochs[1])
    assert looks == [1, 1]
