"""The worker: it records, it rescues what a killed one left, and what it says names nobody.

Tried, and then these tests fail: the rescue left out (the job stays `doing`), the log configuration left out
(procrastinate's traceback shows the planted address), the sequencer's round left out (the act stays in the outbox).
"""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings
from procrastinate.contrib.django import app

from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from tests.faults.house import until

PLANTED = "ada.lovelace@example.com"


@pytest.fixture
def worker(db, tmp_path):
    """Start workers on the tests' own home, and end them."""
    running = []

    def start():
        said = tmp_path / f"said{len(running)}"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "avow.host.cli", "worker"],
                env=os.environ | {"AVOW_HOME": str(settings.HOME.root), "AVOW_PROCESS": "worker"},
                stdout=out, stderr=out,
            )  # fmt: skip
        running.append(process)
        return process, said

    yield start
    for process in running:
        process.kill()
        process.wait()


def jobs(superuser):
    with superuser() as connection:
        return connection.execute("SELECT status::text, task_name FROM procrastinate_jobs ORDER BY id").fetchall()


def test_a_failing_job_is_told_without_its_arguments_and_its_text(worker, superuser):
    app.configure_task("communications.deliver").defer(message_id=PLANTED)
    app.configure_task("no.such.task").defer(to=PLANTED)
    process, said = worker()
    until(
        lambda: "no.such.task" in said.read_text() and "communications.deliver" in said.read_text(),
        20,
        "both jobs' lines",
    )
    assert "ValueError" in said.read_text(), "the kind of the failure is there"
    assert "Traceback" not in said.read_text()
    assert PLANTED not in said.read_text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    assert all(len(line) < 300 for line in said.read_text().splitlines())


def test_what_a_killed_worker_left_half_done_is_taken_up_at_once(worker, superuser):
    app.configure_task("communications.clear_expired").defer(timestamp=0)
    with superuser() as connection:
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    assert jobs(superuser) == [("doing", "communications.clear_expired")]
    worker()
    until(lambda: ("doing", "communications.clear_expired") not in jobs(superuser), 15, "the job to be done")
    # What succeeded is removed; other jobs come by the clock meanwhile, and are not this test's.
    until(lambda: "communications.clear_expired" not in {task for _, task in jobs(superuser)}, 30, "its success")


def test_an_act_reaches_the_log(worker, superuser):
    record(Entry(act=Act.SIGNED_IN, at=datetime.now(UTC)))
    worker()

    def logged():
        with superuser() as connection:
            return connection.execute("SELECT count(*) FROM evidence_leaf").fetchone()[0]

    until(logged, 20, "the leaf")


def test_it_goes_on_when_the_database_was_away_for_a_moment(worker, superuser):
    process, _ = worker()
    record(Entry(act=Act.SIGNED_IN, at=datetime.now(UTC)))

    def leaves():
        with superuser() as connection:
            return connection.execute("SELECT count(*) FROM evidence_leaf").fetchone()[0]

    until(leaves, 20, "the first leaf")
    before = leaves()
    with superuser() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('avow_log', 'avow_keyd')"
        )
    record(Entry(act=Act.SIGNED_IN, at=datetime.now(UTC)))
    until(lambda: leaves() > before, 20, "another leaf")
    assert process.poll() is None
