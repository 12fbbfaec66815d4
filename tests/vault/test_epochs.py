"""Epochs and buckets: made once, alive as long as a cover needs them, never replaced in silence.

Bites: without the foreign key over (epoch, wraps) `test_an_epoch_cannot_die_while_a_cover_needs_it` fails; a `_begin` without
its look at the keyring fails `test_a_keyring_that_does_not_fit_is_refused`.
"""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections
from django.test import override_settings

from avow.errors import KeyringLost
from avow.keyring.file import FileKeyring
from avow.vault import persons, tree
from avow.vault.enrolment import enrol, sweep
from avow.vault.keys import buckets, epochs, slots
from avow.vault.keys.models import MOVES, Bucket, Epoch, EpochState, PersonSlot
from avow.vault.models import Person


@pytest.fixture
def own_keyring(db, tmp_path):
    with override_settings(KEYRING_FOLDER=tmp_path / "keys"):
        yield FileKeyring(tmp_path / "keys")


def test_the_first_use_makes_epoch_one_once_however_many_start_together(own_keyring, now):
    seen, start = [], threading.Barrier(6)

    def begin():
        start.wait()
        seen.append(epochs.current(now=now))
        connections.close_all()

    threads = [threading.Thread(target=begin) for _ in range(6)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    assert seen == [1] * 6
    assert own_keyring.list() == [1]
    assert Epoch.objects.count() == 1


def test_a_crash_between_key_and_row_is_mended(own_keyring, now):
    key = own_keyring.create(1)
    assert epochs.current(now=now) == 1
    assert own_keyring.load(1) == key


def test_a_keyring_that_does_not_fit_is_refused(own_keyring, now):
    own_keyring.create(3)
    with pytest.raises(KeyringLost, match="restore"):
        epochs.current(now=now)
    assert own_keyring.list() == [3]


def test_a_lost_key_stops_the_act_and_is_not_made_anew(own_keyring, house, now):
    person = enrol(now=now)
    (own_keyring.folder / "epoch-000001.key").unlink()
    with pytest.raises(KeyringLost, match="epoch 1"):
        persons.key_of(person)
    assert own_keyring.list() == []


def test_an_epoch_cannot_die_while_a_cover_needs_it(house, now):
    enrol(now=now)
    Epoch.objects.filter(number=1).update(state=EpochState.RETIRING)  # covers may still need it
    for state, gone in ((EpochState.CONDEMNED, None), (EpochState.DESTROYED, now)):
        with pytest.raises(IntegrityError, match="bucket_epoch_lives"):
            Epoch.objects.filter(number=1).update(state=state, destroyed_at=gone)
    Bucket.objects.all().delete()
    assert Epoch.objects.filter(number=1).update(state=EpochState.CONDEMNED) == 1
    with pytest.raises(IntegrityError, match="bucket_epoch_lives"):
        Bucket.objects.create(bucket_id=9, epoch_id=1, generation=0, cover=b"x")


def test_only_one_epoch_is_current(db, now):
    epochs.current(now=now)
    with pytest.raises(IntegrityError):
        Epoch.objects.create(number=2, state=EpochState.CURRENT, began_at=now)


def test_moves_lead_one_way_to_destroyed():
    assert set(MOVES) == set(EpochState)
    for state in EpochState:
        seen = []
        while MOVES[state]:
            (state,) = MOVES[state]
            assert state not in seen
            seen.append(state)
        assert state is EpochState.DESTROYED


def test_buckets_are_made_ahead_and_a_full_one_leads_to_the_next(house, now, superuser):
    first = enrol(now=now)
    assert sorted(Bucket.objects.values_list("bucket_id", flat=True)) == [0, 1, 2, 3, 4]
    with superuser("avow_keys") as dba:
        dba.execute("SELECT setval('vault_slot', 255)")
    second = enrol(now=now)
    assert slots.bucket_of(PersonSlot.objects.get(person=second).slot) == 1
    assert Bucket.objects.count() == 6
    assert len({persons.key_of(first), persons.key_of(second)}) == 2


def test_sign_ups_beside_each_other_never_share_a_slot(house, now):
    def join():
        found.extend(enrol(now=now) for _ in range(20))
        connections.close_all()

    found = []
    threads = [threading.Thread(target=join) for _ in range(4)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
    taken = dict(PersonSlot.objects.values_list("person", "slot"))
    assert len(found) == 80 == len(set(taken.values()))
    assert {p.person: p.slot for p in Person.objects.all()} == taken  # the copy that heals an older key store
    assert len({persons.key_of(person) for person in found}) == 80


def test_one_slot_given_twice_is_still_two_keys(house, now):
    """What a restored key database does: the same leaf for two people; the person is in the key."""
    person = enrol(now=now)
    leaf = slots.leaf_of(person)
    assert persons.key_from(person, leaf) == persons.key_of(person)
    assert persons.key_from(uuid4(), leaf) != persons.key_of(person)


def test_many_keys_are_the_same_as_one_by_one(house, now):
    people = [enrol(now=now) for _ in range(12)]
    assert persons.keys_of([*people, uuid4()]) == {person: persons.key_of(person) for person in people}


def test_a_cover_of_another_bucket_or_generation_does_not_open(house, now):
    from avow.errors import DoesNotOpen

    enrol(now=now)
    one, two = Bucket.objects.order_by("bucket_id")[:2]
    assert buckets.cover_of(one.bucket_id, 1, 0, bytes(one.cover)).keys() == {tree.ROOT}
    for bucket_id, generation, cover in ((one.bucket_id, 0, two.cover), (one.bucket_id, 1, one.cover)):
        with pytest.raises(DoesNotOpen):
            buckets.cover_of(bucket_id, 1, generation, bytes(cover))


def test_slots_of_aborted_sign_ups_are_swept_after_a_day(house, now):
    kept = enrol(now=now)
    slots.allot(uuid4(), now=now)  # killed before the person was written
    assert sweep(now=now) == 0
    assert sweep(now=now + timedelta(days=400)) == 1
    assert list(PersonSlot.objects.values_list("person", flat=True)) == [kept]


def test_a_key_store_older_than_the_data_says_so(house, now, superuser):
    person = enrol(now=now)
    with superuser("avow_keys") as dba:
        dba.execute("DELETE FROM vault_keys_personslot")
    with pytest.raises(KeyringLost, match="newest backup"):
        persons.key_of(person)
