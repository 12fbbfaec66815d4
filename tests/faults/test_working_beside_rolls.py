"""Processes at work follow every roll without an error: one of this home, and one of another machine that shares its keyring.

Each has a Django of its own, and signs up, seals, opens and erases all the time while the keys roll at once, six times.

It bites (each was tried): a reader that takes the key of the cover that it read for lost, where a roll has destroyed it meanwhile; a
home that makes a keyring of its own where AVOW_KEYRING names one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from avow.policy.promises import Promise
from avow.vault import persons
from avow.vault.keys import rolling
from avow.vault.models import Person
from tests.faults.house import until
from tests.vault import working

pytestmark = [pytest.mark.proves(Promise.DE_IDENTIFY)]

ROLLS = 6


@pytest.fixture
def at_work(keys, house, tmp_path):
    """Start a worker on a home; returns how to end all and what they then say."""
    stop, started = tmp_path / "stop", []

    def start(home):
        report = tmp_path / f"report-{len(started)}"
        names = {"AVOW_KEYRING": keys.own, "AVOW_KEYRING_COPIES": keys.copy, "AVOW_KEY_BACKUPS": keys.backups}
        environment = os.environ | {"AVOW_HOME": str(home)} | {name: str(place) for name, place in names.items()}
        words = [sys.executable, "-m", "tests.vault.working", stop, report]
        started.append((subprocess.Popen(words, env=environment, cwd=Path(__file__).parents[2]), report))

    def end():
        stop.touch()
        assert [process.wait(240) for process, _ in started] == [0] * len(started)
        return [working.read(report) for _, report in started]

    yield start, end, lambda: [working.begun(report).exists() for _, report in started]
    for process, _ in started:
        process.kill()
        process.wait()


def another_machine(place):
    """A home of its own on the same databases."""
    place.mkdir(mode=0o700)
    shutil.copy(settings.HOME.connections, place)
    return place


def test_processes_of_two_machines_follow_six_rolls(keys, at_work, now, tmp_path):
    start, end, begins = at_work
    second = another_machine(tmp_path / "second")
    start(settings.HOME.root)
    start(second)

    def signed_up(more):
        wanted = Person.objects.count() + more
        until(lambda: Person.objects.count() >= wanted, 60, "sign-ups")

    until(lambda: all(begins()), 120, "the first turn of both")
    for number in range(ROLLS):
        done = rolling.roll(now=now, at_once=True)
        assert (done.epoch, done.waiting) == (number + 2, ())
        signed_up(4)
    reports = end()
    assert all(alive for alive, _ in reports) and any(erased for _, erased in reports)
    alive = {person for there, _ in reports for person in there}
    erased = {person for _, gone in reports for person in gone}
    assert persons.keys_of(alive | erased).keys() == alive
    assert keys.ring.list() == [ROLLS + 1]
    assert not (second / "keys").exists()  # it made no keyring of its own
