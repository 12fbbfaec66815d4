"""No space left: Avow stops cleanly, says so, and loses nothing.

Tried, and then these tests fail: without space.require (initdb leaves half a cluster), without space.short
(PostgreSQL panics and is started again for ever), without the mapping of ENOSPC (a fault is reported).
"""

import contextlib
import os
import shutil
import subprocess

import pytest

from tests.faults.house import House, ended, until

pytestmark = pytest.mark.needs("root")
MB = 1_000_000


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, mounted where the home will lie."""
    if os.geteuid():
        pytest.skip("needs root, to mount a small disk")

    def mount(size):
        place = tmp_path / f"disk{size}"
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False, text=True
        )
        if done.returncode:
            pytest.skip(f"needs the right to mount: {done.stderr.strip()}")
        mounted.append(place)
        return place

    mounted = []
    yield mount
    for place in mounted:
        subprocess.run(["umount", "-l", place], check=True)


def fill(place, leave):
    """Fill a disk, leaving this many bytes."""
    left = shutil.disk_usage(place).free - leave
    with contextlib.suppress(OSError), (place / "ballast").open("wb", buffering=0) as file:
        while left > 0:
            left -= file.write(b"\0" * min(left, MB))


def test_a_full_disk_is_refused_before_anything_is_written(small_disk):
    place = small_disk("60m")
    house = House(place / "home").start(wait=False)
    assert house.process.wait(180) == 69
    assert "No space" in house.said
    assert "Nothing was written" in house.said
    assert "fault" not in house.said
    assert list(place.iterdir()) == [place / "home.said"]


def test_a_disk_that_fills_up_stops_it_in_order_and_nothing_is_lost(small_disk, lay):
    place = small_disk("300m")
    house = House(lay(place / "home")).start()
    before = marker(house)
    whole = set(house.tree())
    fill(place, leave=20 * MB)
    assert house.process.wait(180) == 69
    ended(whole, 2)
    assert "No space" in house.said.splitlines()[-1]
    assert "fault" not in house.said
    log = (house.home / "pg" / "server.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1], "PostgreSQL ended with a clean shutdown"
    refused = House(place / "home").start(wait=False)
    assert refused.process.wait(180) == 69, "and does not start again while there is no room"
    (place / "ballast").unlink()
    again = House(place / "home").start()
    assert marker(again) == before
    assert again.stop() == 0


def test_a_disk_that_is_full_at_once_ends_it_and_nothing_is_lost(small_disk, lay):
    place = small_disk("300m")
    house = House(lay(place / "home")).start()
    before = marker(house)
    fill(place, leave=0)
    assert house.process.wait(180) == 69
    assert "No space" in house.said
    (place / "ballast").unlink()
    again = House(place / "home").start()
    assert marker(again) == before
    assert again.stop() == 0


def marker(house):
    """What must survive: the published policy, as served."""
    until(house.serves, 20, "the service")
    return (house.home / "log.vkey").read_text(), (house.home / "database.json").read_text()
