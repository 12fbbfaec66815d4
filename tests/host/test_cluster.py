"""The private PostgreSQL.

Tried, and then these tests fail: log_min_messages back to its default (a value stands in the log), the chmod of
the socket folder left out (others may connect), the descriptor's path not used (a long path does not start).
"""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from avow.errors import DatabaseUnavailable
from avow.host import binaries
from avow.host.cluster import Cluster
from tests.faults.house import stat_of, until

QUICK = {"fsync": "off", "full_page_writes": "off"}
PLANTED = "ada.lovelace@example.com"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("pg") / "pg", options=QUICK)
    cluster.start()
    yield cluster
    cluster.stop()


def test_it_listens_on_no_network_and_in_a_closed_folder(cluster):
    with cluster.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
    for folder in (cluster.folder, cluster.run, cluster.data):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert (cluster.folder / "pw").stat().st_mode & 0o077 == 0


def test_a_wrong_password_does_not_get_in(cluster):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=cluster.socket, port="5432", user="postgres", password="guessed", dbname="postgres")


def test_no_value_of_a_statement_reaches_the_log(cluster):
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE t (a text UNIQUE, n uuid)")
        connection.execute("INSERT INTO t VALUES (%s)", [PLANTED])
        for statement in ("INSERT INTO t VALUES (%s)", "SELECT %s::text::uuid", "SELECT nothing_of_the_name(%s)"):
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(statement, [PLANTED])
            assert refused.value.sqlstate
        connection.execute("DO $$ BEGIN RAISE LOG 'this line is found'; END $$")
    until(lambda: "this line is found" in cluster.log.read_text(), 5, "the log to be written at all")
    assert PLANTED not in cluster.log.read_text()


def test_it_ignores_what_would_steer_it_from_outside(tmp_path, monkeypatch):
    for name, value in {
        "PGPORT": "6000",
        "PGDATA": "/",
        "PGHOST": "elsewhere",
        "LC_ALL": "xx_XX",
        "PGUSER": "x",
    }.items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(tmp_path / "pg", options=QUICK)
    cluster.start()
    with cluster.connect() as connection:
        assert connection.execute("SHOW port").fetchone() == ("5432",)
    cluster.stop()


def test_a_long_path_works(tmp_path):
    cluster = Cluster(tmp_path / ("long" * 30) / "pg", options=QUICK)
    cluster.start()
    assert cluster.socket.startswith("/proc/")
    cluster.connect().close()
    cluster.stop()


def test_after_a_kill_it_starts_again_with_what_was_committed(tmp_path):
    cluster = Cluster(tmp_path / "pg")
    cluster.start()
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(cluster.process.pid, signal.SIGKILL)
    until(lambda: not cluster.alive(), 5, "its end")
    cluster.start()
    with cluster.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    cluster.stop()


def test_it_dies_with_its_parent(tmp_path):
    program = (
        "import sys, os; from pathlib import Path; from avow.host.cluster import Cluster; import time\n"
        f"c = Cluster(Path({str(tmp_path / 'pg')!r}), options={QUICK!r}); c.start(); print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    assert stat_of(pid)
    parent.kill()
    parent.wait()
    until(lambda: not stat_of(pid), 10, "the server's end")


def test_a_home_of_another_major_version_is_refused_with_the_remedy(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseUnavailable, match="Install PostgreSQL 14, or dump it"):
        binaries.choose(data)


def test_where_none_is_installed_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "FOLDERS", ())
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseUnavailable, match="apt-get install postgresql"):
        binaries.choose(tmp_path)


def test_a_server_that_cannot_start_says_where_its_last_words_are(tmp_path):
    cluster = Cluster(tmp_path / "pg", options={**QUICK, "shared_buffers": "nonsense"})
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match=r"server\.log"):
        cluster.start()
    assert time.monotonic() - began < 15


def test_the_wheel_is_not_imported():
    binaries.wheel_binaries()
    assert binaries.WHEEL not in sys.modules
