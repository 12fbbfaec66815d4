"""kill -9 before a line of a roll: the next roll ends the same, nobody's key is lost, and no old one is left.

Killed before every line of everything that a roll runs (its own modules, the keyring's and the backups') with AVOW_SOAK=1, else
before each seventeenth; alone, and while another process signs up, opens and erases.

It bites: a roll that does not sweep what a kill left, and one that begins an epoch before its key is made, fail the first test.
"""

import os
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from avow.evidence.acts import Act
from avow.evidence.entries import decode
from avow.keyring import copies, file
from avow.vault import erasure, persons
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, buckets, destroying, epochs, lifetimes, rolling, standbys
from avow.vault.keys.models import Epoch, EpochState, Puncture
from tests.killing import EVERYWHERE, killed_before_line
from tests.vault import working

STEPS = (rolling, epochs, lifetimes, buckets, destroying, standbys, backups, copies, file)
STRIDE = 1 if EVERYWHERE else 17
FIRST = 1 if EVERYWHERE else 5
MOST = 20_000  # lines of one roll; it has far fewer
PAST = timedelta(days=8)  # between two rolls: an epoch ends, and the key of the one before is due


def kept_in(folder):
    """What lies in a folder of keys or backups, hidden files too, without the installation's secrets."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".secret"))


def stands(keys, epoch):
    """One living epoch, its key alone in each folder, its backup alone and whole, nothing half made."""
    assert dict(Epoch.objects.values_list("number", "state")) == {
        **dict.fromkeys(range(1, epoch), EpochState.DESTROYED),
        epoch: EpochState.CURRENT,
    }
    for folder in (keys.own, keys.copy):
        assert [name for name in kept_in(folder) if name != "copies.known"] == [f"epoch-{epoch:06d}.key"]
    (name,) = kept_in(keys.backups)
    assert backups.check(keys.backups / name).epoch == epoch
    return True


def told(superuser):
    """What the log is told of epochs, by act and epoch."""
    with superuser("avow_keys") as dba:
        entries = [decode(bytes(row[0])) for row in dba.execute("SELECT entry FROM evidence_outbox").fetchall()]
    return Counter((entry.act, entry.evidence) for entry in entries if str(entry.act).startswith("epoch."))


def kill_rolls(keys, now, *, after_each):
    """Kill a roll before one line after another, end each by another roll, and return the last epoch."""
    enrol(now=now)
    rolling.roll(now=now, at_once=True)
    epoch = Epoch.objects.get(state=EpochState.CURRENT).number
    for number in range(FIRST, MOST, STRIDE):
        now, epoch = now + PAST, epoch + 1
        killed = killed_before_line(number, lambda: rolling.roll(now=now), *STEPS)  # noqa: B023 - run at once
        done = rolling.roll(now=now)
        assert done.waiting == ()
        assert stands(keys, epoch), number
        after_each()
        if not killed:
            assert done == rolling.Rolled()  # it had come to its end
            return epoch
    raise AssertionError("a roll never ends")


def test_killed_before_any_line_a_roll_ends_the_same(keys, house, now, superuser):
    people = [enrol(now=now) for _ in range(6)]
    theirs = persons.keys_of(people)
    rolls = kill_rolls(keys, now, after_each=lambda: persons.keys_of(people) == theirs or pytest.fail("a key is lost"))
    assert rolls > 20  # it was killed at many lines
    seen = told(superuser)
    assert seen == {
        **{(Act.EPOCH_OPENED, epochs.named(number)): 1 for number in range(1, rolls + 1)},
        **{(Act.EPOCH_DESTROYED, epochs.named(number)): 1 for number in range(1, rolls)},
    }


@pytest.fixture
def beside(house, tmp_path):
    """Another process, at work; returns how to end it and what it then says."""
    from django.db import connections

    stop, report = tmp_path / "stop", tmp_path / "report"
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            working.work(stop, report)
        finally:
            os._exit(0)

    def end():
        if not stop.exists():
            stop.touch()
            os.waitpid(child, 0)
        return working.read(report)

    yield end
    if not stop.exists():
        stop.touch()
        os.waitpid(child, 0)


def test_an_erasure_that_is_killed_and_overtaken_by_rolls_ends_the_same(keys, house, beside, now):
    """Killed before every seventh line, beside the process at work; what then resumes finds its cover under another epoch."""
    neighbour = enrol(now=now)
    key, killed, times = persons.key_of(neighbour), True, 0
    for number in range(1, MOST, 1 if EVERYWHERE else 7):
        person, request = enrol(now=now), uuid4()

        def erase(person=person, request=request):
            return erasure.erase(person, request=request, asked_by=THE_PERSON, now=now)

        killed = killed_before_line(number, erase, erasure)
        times += killed
        rolling.roll(now=now, at_once=True)
        done = erase()
        assert done == erase()
        assert Puncture.objects.get(request=request).entry_id == done.entry_id
        assert persons.standing(person).erased_at == now
        assert persons.keys_of([person, neighbour]) == {neighbour: key}
        if not killed:
            break
    alive, erased = beside()
    assert times > 5 and not killed
    assert persons.keys_of(alive + erased).keys() == set(alive)


def test_the_same_beside_a_process_at_work(keys, house, beside, now):
    rolls = kill_rolls(keys, now, after_each=lambda: None)
    alive, erased = beside()
    assert alive and erased
    assert persons.keys_of(alive + erased).keys() == set(alive)
    rolling.roll(now=now + PAST * (rolls + 1))  # what was erased meanwhile cannot be opened by any key that is left
    left = set(keys.ring.list())
    assert left.isdisjoint(Puncture.objects.values_list("epoch", flat=True))
    assert Puncture.objects.count() == len(erased)
