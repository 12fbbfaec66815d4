"""A home that was started once, copied for each test that does not care about the first start."""

import subprocess

import pytest

from avow.host.cluster import Cluster
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


@pytest.fixture
def theirs(tmp_path):
    """Somebody else's server, and how an administrator of it who is no superuser connects."""
    cluster = Cluster(tmp_path / "theirs", options={"fsync": "off"})
    cluster.start()
    with cluster.connect() as admin:
        admin.execute("CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD 'hunter2hunter2'")
        admin.execute("CREATE DATABASE admin OWNER admin")
    yield cluster, f"host={cluster.socket} port=5432 user=admin password=hunter2hunter2"
    cluster.stop()
