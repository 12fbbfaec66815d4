"""A home that was started once, copied for each test that does not care about the first start."""

import subprocess

import pytest

from tests.faults.house import House


@pytest.fixture(scope="session")
def seed(tmp_path_factory):
    """The home, stopped."""
    house = House(tmp_path_factory.mktemp("seed") / "home").start()
    assert house.stop() == 0
    return house.home


@pytest.fixture(scope="session")
def lay(seed):
    """Copy the seed to a place, owners and all."""

    def copy(place):
        subprocess.run(["cp", "-a", seed, place], check=True)
        return place

    return copy
