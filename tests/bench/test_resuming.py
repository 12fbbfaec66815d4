"""An interrupted run of `bench.roles` plays only the rounds that are missing, and a broken round publishes nothing.

It bites: play every round whether its file is there or not, and the first test counts too many; catch the failure of a
round, and the second finds figures of a run that was wrong (each was tried).
"""

import json
import subprocess
from pathlib import Path

import pytest

from bench import roles
from bench._roles_acts import ACTS


def played(number):
    took = dict.fromkeys("ABCD", 1.0)
    return {
        "round": number, "spent": dict.fromkeys(("controller", "customer", "processor", "regulator"), took),
        "acts": {name: {"controller": {act: [1.0] for act in ACTS}} for name in "ABCD"}, "storage": took,
        "storage_after": took, "loading": took, "answers": 5, "guarantees": {}, "gone": {},
    }  # fmt: skip


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine on which a round takes no time; which rounds were played, and which of them breaks."""
    asked, breaks = [], set()

    def run(command, *, check, **_):
        assert command[1:3] == ["-m", "bench._roles_round"] and check
        number, file = int(command[3]), Path(command[6])
        asked.append(number)
        if number in breaks:
            raise subprocess.CalledProcessError(1, command)
        file.write_text(json.dumps(played(number)))

    monkeypatch.setattr(roles.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(roles.subprocess, "run", run)
    return asked, breaks


def test_what_was_played_is_not_played_again(machine):
    asked, breaks = machine
    breaks.add(2)
    with pytest.raises(subprocess.CalledProcessError):
        roles.measured(1000, 4)
    assert asked == [0, 1, 2]
    breaks.clear(), asked.clear()
    assert roles.measured(1000, 4)["answers compared, all right"] == 20
    assert asked == [2, 3]


def test_a_wrong_round_leaves_no_figures_and_a_new_run_begins_anew(machine):
    asked, breaks = machine
    breaks.add(0)
    with pytest.raises(subprocess.CalledProcessError):
        roles.measured(1000, 1)
    breaks.clear()
    roles.measured(1000, 1), roles.measured(1000, 1)  # figures were returned, so nothing waits any more
    assert asked == [0, 0, 0]


def test_another_number_of_records_takes_up_nothing(machine):
    asked, breaks = machine
    breaks.add(1)
    for records in (1000, 2000):
        with pytest.raises(subprocess.CalledProcessError):
            roles.measured(records, 2)
    assert asked == [0, 1, 0, 1]
