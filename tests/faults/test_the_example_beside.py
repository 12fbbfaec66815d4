"""The example is a guest of the tree: it ends with it, comes back when it dies, and never keeps Avow from running.

Its rules alone are tried in tests/host/test_a_guest.py; the death signal of children in test_process_tree.py.
"""

import http.client
import os
import signal
import socket
from pathlib import Path

import pytest

from avow.host import example
from tests.example.beside import pair, started
from tests.faults.house import House, ended, stat_of, until


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/docs")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="module")
def house(lay, tmp_path_factory):
    house = started(lay(tmp_path_factory.mktemp("beside") / "home"), AVOW_LOG_ORIGIN="secret.example/log")
    yield house
    if house.process.poll() is None:
        house.stop()


def test_the_last_lines_say_both_addresses(house):
    last = house.said.strip().splitlines()[-3:]
    assert f"http://127.0.0.1:{house.port}" in last[0]
    assert f"http://127.0.0.1:{house.port + 1}" in last[2]
    assert answers(house.port + 1)


def test_its_environment_holds_what_is_its_own_and_nothing_of_ours(house):
    pid = house.one("-m optimibi")
    held = dict(part.split("=", 1) for part in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in part)
    assert {"AVOW_URL", "AVOW_HOST_KEY", "OPTIMIBI_CLIENT_SECRET", "PORT"} <= held.keys()
    assert not held.keys() & {"AVOW_HOME", "AVOW_DSN", "AVOW_LOG_ORIGIN", "DJANGO_SETTINGS_MODULE"}
    others = [pid for pid, command in house.tree().items() if "avow.host.cli worker" in command]
    for other in others if os.geteuid() == 0 else ():
        assert held["OPTIMIBI_CLIENT_SECRET"] not in Path(f"/proc/{other}/environ").read_text()


def test_killed_it_comes_back(house):
    victim = house.one("-m optimibi")
    os.kill(victim, signal.SIGKILL)
    ended([victim])
    until(lambda: answers(house.port + 1), 20, "the example again")
    assert house.serves()


def test_killed_with_the_supervisor_and_stopped_in_order(house):
    whole = set(house.tree())
    os.kill(house.process.pid, signal.SIGKILL)
    house.process.wait()
    until(lambda: not [pid for pid in whole if stat_of(pid)], 20, "the end of all")
    again = started(house.home)
    whole = set(again.tree())
    assert again.stop(signal.SIGINT) == 0
    ended(whole, 2)
    assert "Stopped: web, worker, example, PostgreSQL" in again.said


def test_where_its_port_is_taken_avow_runs_and_says_so(lay, tmp_path):
    port = pair()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        house = House(lay(tmp_path / "home"), port=port, DEMO="1").start()
        try:
            until(lambda: "Without Optimibi" in house.said, 10, "the line")
            assert f"port {port + 1} is taken" in house.said
            assert house.one("-m optimibi") is None
        finally:
            assert house.stop() == 0


def test_it_runs_in_the_demo_on_this_machine_and_where_its_parts_are(monkeypatch, tmp_path):
    for name in ("DEMO", "AVOW_EXAMPLE", "AVOW_BASE_URL", "AVOW_MAIL_RELAY"):
        monkeypatch.delenv(name, raising=False)
    port = pair()
    assert example.look("127.0.0.1", port) == (example.Example(port + 1), "")
    assert "folder" in example.look("127.0.0.1", port, beside=tmp_path)[1]
    for listen in ("0.0.0.0", "::1", "192.0.2.7"):
        assert "127.0.0.1 only" in example.look(listen, port)[1]
    assert "taken" in example.look("127.0.0.1", 65535)[1]
    monkeypatch.setattr(example, "NEEDS", ("flask", "no_such_package"))
    assert "no_such_package" in example.look("127.0.0.1", port)[1]
    monkeypatch.setenv("AVOW_BASE_URL", "https://privacy.example")
    assert "127.0.0.1 only" in example.look("127.0.0.1", port)[1]
    for name, value in (("DEMO", "0"), ("AVOW_EXAMPLE", "0"), ("AVOW_MAIL_RELAY", "smtp://relay")):
        monkeypatch.setenv(name, value)
        assert example.look("127.0.0.1", port) == (None, "")
        monkeypatch.delenv(name)
