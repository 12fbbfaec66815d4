"""Rolling: when an epoch ends, what a roll does twice, at once, beside others and where something is in its way.

It bites (each was tried): see the tests' own words.
"""

import secrets
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test import override_settings

from avow.errors import DoesNotOpen, Erased, KeyringLost, Unavailable
from avow.evidence.acts import Act
from avow.evidence.entries import decode
from avow.keyring.copies import CopiedKeyring
from avow.keyring.file import FileKeyring
from avow.vault import erasure, persons, tree
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, buckets, destroying, epochs, rolling
from avow.vault.keys.models import Bucket, Epoch, EpochState, PersonSlot, Puncture

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'avow_keys' AND wait_event_type = 'Lock'"
PATIENCE = 120  # seconds, for what takes a moment


def times_destroyed(superuser, number):
    with superuser("avow_keys") as dba:
        entries = [decode(bytes(row[0])) for row in dba.execute("SELECT entry FROM evidence_outbox").fetchall()]
    return [(entry.act, entry.evidence) for entry in entries].count((Act.EPOCH_DESTROYED, epochs.named(number)))


def states():
    return dict(Epoch.objects.order_by("number").values_list("number", "state"))


def until(true, why):
    """Wait for something that happens in another thread."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited {PATIENCE} s for: {why}")


class Beside(threading.Thread):
    """An act in a thread with connections of its own; `end` returns what it returned, or raises what it raised."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.returned, self.raised = act, None, None
        self.start()

    def run(self):
        try:
            self.returned = self.act()
        except BaseException as raised:
            self.raised = raised
        finally:
            connections.close_all()

    def end(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        if self.raised:
            raise self.raised
        return self.returned


class TestWhen:
    def test_where_nothing_was_ever_sealed_nothing_rolls(self, keys, house, now):
        assert rolling.roll(now=now, at_once=True) == rolling.Rolled()
        assert keys.ring.list() == []

    def test_an_epoch_ends_after_a_day_and_its_key_an_hour_before_its_own(self, keys, house, now):
        """It bites: with keys destroyed on their day and no hour earlier, the job that comes after it is too late."""
        person = enrol(now=now)
        key = persons.key_of(person)
        first = rolling.roll(now=now + A_DAY - AN_HOUR / 60)
        assert (first.epoch, first.destroyed) == (None, ()) and first.backup  # the first epoch's own
        done = rolling.roll(now=now + A_DAY)
        assert (done.epoch, done.sealed, done.destroyed, done.waiting) == (2, 5, (), ())
        assert rolling.roll(now=now + A_DAY) == rolling.Rolled()
        assert states() == {1: EpochState.CONDEMNED, 2: EpochState.CURRENT}
        dies = Epoch.objects.get(number=1).dies_at
        assert dies == now + 7 * A_DAY
        assert rolling.roll(now=dies - AN_HOUR - AN_HOUR / 6).destroyed == ()
        assert rolling.roll(now=dies - AN_HOUR / 6).destroyed == (1,)
        assert persons.key_of(person) == key

    def test_with_a_single_day_an_epoch_ends_in_time_for_it(self, keys, house, now, monkeypatch):
        monkeypatch.setenv("AVOW_KEY_BACKUP_DAYS", "1")
        enrol(now=now)
        assert rolling.roll(now=now + A_DAY - AN_HOUR / 6).destroyed == (1,)

    def test_at_once_again_and_again(self, keys, house, now, superuser):
        person = enrol(now=now)
        key = persons.key_of(person)
        for number in (1, 2, 3):
            done = rolling.roll(now=now, at_once=True)
            assert (done.epoch, done.sealed, done.destroyed) == (number + 1, 5, (number,))
            assert keys.ring.list() == [number + 1]
            assert times_destroyed(superuser, number) == 1
            assert persons.key_of(person) == key

    def test_a_clock_that_was_set_back_is_refused_and_one_that_was_ahead_is_got_rid_of(self, keys, house, now):
        """It bites: without the refusal a roll in the past says that nothing is due, for as long as the clock is wrong."""
        enrol(now=now)
        with pytest.raises(Unavailable, match="set the clock right"):
            rolling.roll(now=now - A_DAY)
        assert rolling.roll(now=now - AN_HOUR / 12).epoch is None  # two machines' clocks differ by minutes
        done = rolling.roll(now=now - A_DAY, at_once=True)
        assert (done.epoch, done.destroyed) == (2, (1,))
        assert rolling.roll(now=now - A_DAY) == rolling.Rolled()


class TestWhatDoesNotFit:
    def test_a_keyring_ahead_of_its_database_is_refused(self, keys, house, now):
        enrol(now=now)
        keys.ring.create(3)
        with pytest.raises(KeyringLost, match="older than the keyring"):
            rolling.roll(now=now, at_once=True)
        assert (states(), keys.ring.list()) == ({1: EpochState.CURRENT}, [1, 3])

    def test_the_next_key_that_a_killed_roll_left_is_taken_up(self, keys, house, now):
        enrol(now=now)
        key = keys.ring.create(2)
        assert rolling.roll(now=now, at_once=True).epoch == 2
        assert keys.ring.load(2) == key

    def test_a_keyring_that_is_not_there_stops_before_anything_begins(self, keys, house, now, tmp_path):
        """It bites: a roll that makes its new key first goes on in an empty folder, beside the disk that is away."""
        enrol(now=now)
        keys.own.rename(tmp_path / "away")
        (keys.copy / "epoch-000001.key").unlink()
        with pytest.raises(KeyringLost, match="epoch 1"):
            rolling.roll(now=now, at_once=True)
        assert (states(), keys.own.exists()) == ({1: EpochState.CURRENT}, False)

    def test_another_installations_keyring_stops_before_anything_begins(self, keys, house, now):
        enrol(now=now)
        for folder in (keys.own, keys.copy):
            (folder / "epoch-000001.key").unlink()
        keys.ring.create(1)  # of the same number, and not the one that sealed
        with pytest.raises(DoesNotOpen, match="another installation"):
            rolling.roll(now=now, at_once=True)
        assert (states(), keys.ring.list()) == ({1: EpochState.CURRENT}, [1])

    def test_what_a_promoted_standby_calls_retiring_may_be_destroyed_by_now(self, keys, house, now):
        """It bites: a roll that asks for the old key before it knows of a cover under it fails for ever."""
        enrol(now=now)
        rolling.roll(now=now, at_once=True)
        Epoch.objects.filter(number=1).update(state=EpochState.RETIRING, destroyed_at=None)
        assert rolling.roll(now=now, at_once=True).destroyed == (1, 2)


class TestWhatIsInTheWay:
    def test_without_a_backup_covers_are_sealed_and_no_key_dies(self, keys, house, now, tmp_path):
        """It bites: a `destroy_due` that asks for no backup."""
        person = enrol(now=now)
        (tmp_path / "file").touch()
        with override_settings(KEY_BACKUPS_FOLDER=tmp_path / "file" / "backups"):
            done = rolling.roll(now=now, at_once=True)
            assert (done.epoch, done.sealed, done.backup, done.destroyed) == (2, 5, None, ())
            assert ["No key backup can be written" in done.waiting[0], "reads back" in done.waiting[1]] == [True, True]
            assert keys.ring.list() == [1, 2]
            assert persons.key_of(person)
        assert rolling.roll(now=now).backup  # as soon as there is room
        assert rolling.roll(now=now + 7 * A_DAY).destroyed == (1, 2)

    def test_a_folder_that_is_not_mounted_is_not_made_anew(self, keys, house, now):
        """It bites: a `made` that asks nothing puts the next backups, and `seen.json`, on the disk below the mount point."""
        enrol(now=now)
        rolling.roll(now=now + A_DAY)
        rolling.roll(now=now + 2 * A_DAY)
        away = backups.folder().rename(backups.folder().with_name("unmounted"))
        done = rolling.roll(now=now + 8 * A_DAY)
        assert (done.epoch, done.backup, done.destroyed) == (4, None, ())
        assert "is not there, though key backups were written before" in done.waiting[0]
        assert not backups.folder().exists()
        away.rename(backups.folder())
        assert rolling.roll(now=now + 8 * A_DAY).destroyed == (1, 2)

    def test_a_backup_that_no_longer_opens_is_none(self, keys, house, now):
        enrol(now=now)
        rolling.roll(now=now + A_DAY)
        (newest,) = [path for path in backups.every() if backups.header_of(path).epoch == 2]
        newest.write_bytes(newest.read_bytes()[:-1])
        destroyed, waiting = destroying.destroy_due(now=now + 7 * A_DAY)
        assert destroyed == [] and "reads back" in waiting[0]
        assert keys.ring.list() == [1, 2]

    def test_a_copy_of_the_keyring_that_is_away_stops_destruction(self, keys, house, now, tmp_path):
        enrol(now=now)
        rolling.roll(now=now + A_DAY)
        keys.copy.rename(tmp_path / "away")
        destroyed, waiting = destroying.destroy_due(now=now + 7 * A_DAY)
        assert destroyed == [] and f"{keys.copy} cannot be reached" in waiting[0]
        assert states()[1] == EpochState.CONDEMNED and 1 in FileKeyring(keys.own).list()
        with pytest.raises(KeyringLost, match="cannot be reached"):
            rolling.roll(now=now, at_once=True)  # nor does an epoch begin whose key one folder would lack
        (tmp_path / "away").rename(keys.copy)
        assert rolling.roll(now=now + 7 * A_DAY).destroyed == (1,)

    def test_a_destroyed_key_that_comes_back_is_destroyed_again_and_the_log_is_told(
        self, keys, house, now, superuser, tmp_path
    ):
        enrol(now=now)
        old = (keys.copy / "epoch-000001.key").read_bytes()
        rolling.roll(now=now, at_once=True)
        back = keys.copy / "epoch-000001.key"
        back.write_bytes(old)  # the disk was away, or its folder was restored
        back.chmod(0o600)
        assert rolling.roll(now=now).destroyed == (1,)
        assert not back.exists()
        assert times_destroyed(superuser, 1) == 2
        (keys.own / "epoch-000001.key").write_bytes(old)
        keys.copy.rename(tmp_path / "away")
        assert "cannot be reached" in rolling.roll(now=now).waiting[0]  # and it is said, not raised


class TestBesideOthers:
    def test_the_database_refuses_to_let_go_of_a_key_that_a_cover_needs(self, keys, house, now):
        """It bites: without the look after a refusal, `finish` leaves the cover under a condemned epoch's key."""
        person = enrol(now=now)
        key = persons.key_of(person)
        rolling._begin_next(now)
        assert not rolling._condemn(1, now)
        assert states() == {1: EpochState.RETIRING, 2: EpochState.CURRENT}
        assert rolling.finish(now=now) == 5
        assert states()[1] == EpochState.CONDEMNED
        assert persons.key_of(person) == key

    def test_who_is_held_up_in_a_sign_up_is_waited_for_and_sealed_again(self, keys, house, now, superuser):
        """Between reading the epoch and writing covers under it. It bites: without the hold on the epoch's row nobody waits,
        and the sign-up fails; without `while not _condemn` the covers keep the epoch retiring."""
        enrol(now=now)
        reached, go_on = threading.Event(), threading.Event()

        def slow(size):
            reached.set()
            assert go_on.wait(PATIENCE)
            return secrets.token_bytes(size)

        def sign_up():
            with transaction.atomic(using=epochs.KEYS):
                buckets.make_up_to(6, made=4, now=now, random=slow)

        straggler = Beside(sign_up)
        assert reached.wait(PATIENCE)
        roll = Beside(lambda: rolling.roll(now=now, at_once=True))
        with superuser("avow_keys") as dba:
            until(lambda: dba.execute(WAITS).fetchone()[0], "the roll to wait for the sign-up")
        assert keys.ring.list() == [1, 2]
        go_on.set()
        straggler.end()
        assert roll.end().sealed == 7  # the five, and the straggler's two
        assert set(Bucket.objects.values_list("epoch_id", flat=True)) == {2}
        for row in Bucket.objects.all():
            assert buckets.cover_of(row.bucket_id, 2, row.generation, bytes(row.cover)).keys() == {tree.ROOT}

    def test_a_cover_that_is_punctured_while_it_is_sealed_again_is_sealed_as_it_is_then(
        self, keys, house, now, superuser
    ):
        """The roll has read it, and waits for the row. It bites: a cover sealed again whatever its generation."""
        person, neighbour = enrol(now=now), enrol(now=now)
        key, slot = persons.key_of(neighbour), PersonSlot.objects.get(person=person).slot
        row = Bucket.objects.get(bucket_id=0)
        punctured = tree.puncture(buckets.cover_of(0, 1, 0, bytes(row.cover)), slot)
        with superuser("avow_keys") as erasing, superuser("avow_keys") as dba:
            with erasing.transaction():
                erasing.execute(
                    "UPDATE vault_keys_bucket SET cover = %s, generation = 1 WHERE bucket_id = 0",
                    [buckets.sealed_as(punctured, 0, 1, 1)],
                )
                roll = Beside(lambda: rolling.roll(now=now, at_once=True))
                until(lambda: dba.execute(WAITS).fetchone()[0], "the roll to wait for the puncture")
            assert roll.end().sealed == 5
        row.refresh_from_db()
        assert (row.epoch_id, row.generation) == (2, 2)
        assert tree.leaf(buckets.cover_of(0, 2, 2, bytes(row.cover)), slot) is None
        assert persons.key_of(neighbour) == key

    def test_an_erasure_that_a_roll_at_once_overtakes_looks_again(self, keys, house, now):
        """Its cover was read, and is sealed anew and its key destroyed before it is opened.

        It bites: an erasure that takes the missing key for a lost one.
        """
        person, neighbour = enrol(now=now), enrol(now=now)
        key, rolled = persons.key_of(neighbour), []

        def random(size):
            rolled or rolled.append(rolling.roll(now=now, at_once=True))
            return secrets.token_bytes(size)

        done = erasure._puncture(person, uuid4(), [], THE_PERSON, now, random=random)
        assert done.epoch == 2
        with pytest.raises(Erased):
            persons.key_of(person)
        assert persons.key_of(neighbour) == key

    @pytest.mark.parametrize("read", [persons.key_of, lambda person: persons.keys_of([person])[person]])
    def test_a_reader_whom_a_roll_at_once_overtakes_looks_again(self, keys, house, now, monkeypatch, read):
        """Its cover was read, and the key is gone when the keyring is asked. It bites: a reader that looks once."""
        person = enrol(now=now)
        key = persons.key_of(person)

        class Overtaken(CopiedKeyring):
            def load(self, epoch):
                monkeypatch.undo()
                rolling.roll(now=now, at_once=True)
                return super().load(epoch)

        monkeypatch.setattr(epochs, "keyring", lambda: Overtaken(keys.own, [keys.copy]))
        assert read(person) == key
        assert keys.ring.list() == [2]

    def test_an_erasure_whose_key_is_lost_says_so(self, keys, house, now):
        person = enrol(now=now)
        for folder in (keys.own, keys.copy):
            (folder / "epoch-000001.key").unlink()
        with pytest.raises(KeyringLost, match="epoch 1"):
            erasure.erase(person, request=uuid4(), asked_by=THE_PERSON, now=now)

    def test_two_who_roll_take_turns(self, keys, house, now):
        enrol(now=now)
        both = [Beside(lambda: rolling.roll(now=now + A_DAY)) for _ in range(2)]
        assert sorted(roll.end().epoch or 0 for roll in both) == [0, 2]

    def test_many_erasures_and_sign_ups_in_one_bucket_beside_rolls_harm_nobody(self, keys, house, now):
        """Four who erase, two who sign up, and rolls at once. It bites: an erasure that takes its cover's epoch for the current one tells a wrong day."""
        people = [enrol(now=now) for _ in range(28)]
        theirs, slots = persons.keys_of(people), dict(PersonSlot.objects.values_list("person", "slot"))

        def erase(part):
            return [erasure.erase(one, request=uuid4(), asked_by=THE_PERSON, now=now) for one in part]

        def roll():
            return [rolling.roll(now=now, at_once=True) for _ in range(5)]

        erasers = [Beside(lambda part=people[n:20:4]: erase(part)) for n in range(4)]
        joining = [Beside(lambda: [enrol(now=now) for _ in range(10)]) for _ in range(2)]
        rolls = Beside(roll).end()
        told = [receipt for eraser in erasers for receipt in eraser.end()]
        fresh = [one for thread in joining for one in thread.end()]
        assert all(done.waiting == () for done in rolls) and rolls[-1].epoch == 6
        assert persons.keys_of(people) == {one: theirs[one] for one in people[20:]}
        assert len(persons.keys_of(fresh)) == 20
        row = Bucket.objects.get(bucket_id=0)
        cover = buckets.cover_of(0, row.epoch_id, row.generation, bytes(row.cover))
        assert not any(tree.leaf(cover, slots[one] & 255) for one in people[:20])
        days = dict(Epoch.objects.values_list("number", "dies_at"))
        assert Puncture.objects.count() == len(told) == 20
        assert all(done.dies_at <= days[done.epoch] for done in Puncture.objects.all())
        assert all(days[Puncture.objects.get(entry_id=one.entry_id).epoch] == one.copies_open_until for one in told)


def test_a_backup_is_taken_again_once_many_have_joined_and_the_newest_two_stay(keys, house, now, superuser):
    """Else whoever came after the covers that are made ahead would have no key after a loss."""
    enrol(now=now)
    assert rolling.roll(now=now).backup
    assert rolling.roll(now=now).backup is None
    for number in range(1, 4):
        with superuser("avow_keys") as dba:
            dba.execute("SELECT setval('vault_slot', %s)", [number * 600])
        assert rolling.roll(now=now + timedelta(seconds=number)).backup
    assert [backups.header_of(path).slots for path in backups.every()] == [1800, 1200]


def test_no_epoch_dies_before_an_earlier_one(keys, house, now, monkeypatch):
    """What people are told of old copies, and what is kept for a restore, rests on the order."""
    enrol(now=now)
    for day in (1, 2):
        rolling.roll(now=now + day * A_DAY)
    plain = CopiedKeyring.destroy

    def stuck(self, epoch):
        if epoch == 1:
            raise OSError("this one file")
        return plain(self, epoch)

    with monkeypatch.context() as broken:
        broken.setattr(CopiedKeyring, "destroy", stuck)
        done = rolling.roll(now=now + 2 * A_DAY, at_once=True)
    assert done.destroyed == () and done.waiting
    assert rolling.roll(now=now + 2 * A_DAY, at_once=True).destroyed[:2] == (1, 2)
