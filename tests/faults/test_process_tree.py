"""kill -9 of any one process of the tree leaves nothing behind, and the next start is clean.

Tried, and then these tests fail: without PR_SET_PDEATHSIG in granian's worker (it goes on answering on the
port), without it in PostgreSQL (the next start finds a server in its way), without it in the web and the worker (they outlive the supervisor),
without the lock handed to them, without the supervisor's look_after (nothing is started again).
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.house import SERVES, House, ended, environment, stat_of, until


@pytest.fixture(scope="module")
def house(lay, tmp_path_factory):
    house = House(lay(tmp_path_factory.mktemp("tree") / "home")).start()
    yield house
    if house.process.poll() is None:
        house.stop()


def kill(pid):
    assert pid, "the process to kill was not found"
    os.kill(pid, signal.SIGKILL)


def test_the_tree_is_the_one_that_we_think_it_is(house):
    commands = list(house.tree().values())
    assert sum("postgres -D" in c for c in commands) == 1
    assert sum("avow.host.web" in c for c in commands) == 2, "granian's main and its worker"
    assert sum("avow.host.cli worker" in c for c in commands) == 1


def held_by(pid):
    """The paths behind the descriptors of a living process, which opens and closes others while we look."""
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            held.add(str(descriptor.readlink()))
    return held


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to look into processes that are closed to debuggers")
def test_web_and_worker_hold_the_homes_lock(house):
    for pid, command in house.tree().items():
        if "avow.host.web" in command or "avow.host.cli worker" in command:
            assert str(house.home / "lock") in held_by(pid), command


def test_a_second_start_names_the_first(house):
    second = subprocess.run(
        [sys.executable, "-m", "avow.host.cli", "up", "--port", str(house.port)],
        env=environment(house.home), capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert second.returncode == 69
    assert f"process {house.process.pid}" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    assert house.serves()


def all_back(house):
    commands = list(house.tree().values())
    wanted = {"avow.host.web": 2, "avow.host.cli worker": 1, "postgres -D": 1}
    connected = any("postgres: avow_log" in c for c in commands)
    return connected and all(sum(words in c for c in commands) == count for words, count in wanted.items())


def whole_again(house):
    """Wait for all processes and the sequencer's connection; when they do not come, say what there was."""
    try:
        until(lambda: all_back(house), 25, "the whole tree")
    except AssertionError:
        pytest.fail("\n".join([*house.tree().values(), house.said[-2000:]]))


def victims(house, who):
    """Whom to kill, and who must die of it."""
    found = sorted(pid for pid, command in house.tree().items() if WHO[who] in command)
    if "granian" in who:
        main = next(pid for pid in found if stat_of(pid)[1] == house.process.pid)
        worker = next(pid for pid in found if pid != main)
        return (main, [main, worker]) if who == "granian's main" else (worker, [worker])
    return found[0], [found[0]]


WHO = {
    "granian's worker": "avow.host.web",
    "granian's main": "avow.host.web",
    "the job worker": "avow.host.cli worker",
    "a backend of PostgreSQL": "postgres: avow_",
    "the postmaster": "postgres -D",
}


@pytest.mark.parametrize("who", WHO)
def test_what_is_killed_comes_back_and_leaves_no_orphan(house, who):
    whole_again(house)
    victim, dying = victims(house, who)
    kill(victim)
    ended(dying)
    until(house.serves, 20, "the web to answer again")
    whole_again(house)
    assert house.process.poll() is None


def test_when_the_supervisor_is_killed_all_die_and_the_next_start_is_clean(house):
    all_of_them = set(house.tree())
    kill(house.process.pid)
    house.process.wait()
    again = House(house.home, port=house.port).start()  # at once: the old ones may still be ending
    assert not [pid for pid in all_of_them if stat_of(pid)], "nothing of the old tree lives when the new one serves"
    assert again.serves()
    whole = set(again.tree())
    assert again.stop() == 0
    ended(whole)
    assert not (house.home / "pg" / "data" / "postmaster.pid").exists()


def test_ctrl_c_stops_it_in_order(house):
    again = House(house.home).start()
    whole = set(again.tree())
    assert again.stop(signal.SIGINT) == 0
    ended(whole, 1)
    assert "Stopped: web, worker, PostgreSQL" in again.said
    log = (house.home / "pg" / "server.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]


def test_asked_to_stop_while_it_starts_it_stops(tmp_path):
    again = House(tmp_path / "home").start(wait=False)
    until(again.tree, 10, "its first child")
    assert again.stop() == 0
    assert SERVES not in again.said
