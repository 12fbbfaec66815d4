"""Copies that PostgreSQL itself makes of the key database: a standby that follows, a base backup, an archive of its log.

It bites (each was tried): with the gate on standbys taken out, the promoted standby opens nobody; without the puncture, or with
the old key left alive, what lies in the base backup and in the archive opens the erased after the roll as before it.
"""

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test import override_settings

from avow.errors import DoesNotOpen, KeyringLost
from avow.host.cluster import PORT, Cluster
from avow.host.making_cluster import environment
from avow.policy.promises import Promise
from avow.vault import erasure, persons, sealing, tree
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import buckets, destroying, rolling, standbys
from avow.vault.keys.models import Bucket, PersonSlot
from tests.conftest import CLUSTER
from tests.faults.house import until

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.proves(Promise.DE_IDENTIFY)]

A_DAY = timedelta(days=1)
PAGE, SEGMENT = 8192, 16 * 1024 * 1024  # bytes
HEAD, FIRST_HEAD = 24, 40  # bytes before what a page of the log holds
ENDS = 8  # bytes of a row's ends that the log may take over from the row before it


def program(name):
    path = CLUSTER.binaries.folder / name
    if not path.exists():
        pytest.skip(f"PostgreSQL's {name} is absent")
    return [str(path), "-h", CLUSTER.socket, "-p", PORT, "-U", "postgres"]


@pytest.fixture
def reachable():
    """The server's own user may reach the primary's socket, as a standby on another machine could reach its port."""
    folders = (CLUSTER.folder, CLUSTER.folder.parent)
    for folder in folders:
        folder.chmod(0o711)
    yield environment() | {"PGPASSWORD": CLUSTER.password}
    for folder in folders:
        folder.chmod(0o700)


@pytest.fixture
def base(reachable, tmp_path):
    """Take a base backup of the whole server."""

    def taken(name):
        folder = tmp_path / name
        words = [*program("pg_basebackup"), "-D", folder / "data", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run(words, env=reachable, check=True, capture_output=True)
        return folder

    return taken


@contextmanager
def standby(folder, name):
    """A second server that follows the first."""
    run, owner = folder / "run", CLUSTER.data.stat().st_uid
    run.mkdir(mode=0o700)
    shutil.copy(CLUSTER.folder / "pw", folder / "pw")
    (folder / "data" / "standby.signal").touch()
    for path in [run, folder / "data", *(folder / "data").rglob("*")]:
        os.lchown(path, owner, owner)
    follows = f"host={CLUSTER.run} port={PORT} user=postgres password={CLUSTER.password} application_name={name}"
    server = Cluster(folder, options={**CLUSTER.options, "primary_conninfo": follows})
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def reading_from(server):
    """Let the service read its keys from another server."""
    known = connections["avow_keys"].settings_dict
    before = known["HOST"]
    connections["avow_keys"].close()
    known["HOST"] = server.socket
    try:
        yield
    finally:
        connections["avow_keys"].close()
        known["HOST"] = before


def test_a_standby_that_is_behind_keeps_the_old_key_alive_and_can_take_over(keys, house, now, base):
    people = [enrol(now=now) for _ in range(5)]
    theirs = persons.keys_of(people)
    with standby(base("second"), "second") as second, second.connect("postgres") as there:
        with CLUSTER.connect() as here:
            follows = (
                "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'second' AND replay_lsn IS NOT NULL"
            )
            until(lambda: here.execute(follows).fetchone()[0], 30, "the standby to follow")
        with CLUSTER.connect("avow_keys") as here:  # an administrator who may not see how far standbys are
            here.execute("ALTER FUNCTION vault_standbys() OWNER TO avow_keys_owner")
            assert "is not known" in standbys.behind("0/1")[0]
            here.execute("ALTER FUNCTION vault_standbys() OWNER TO postgres")
        there.execute("SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        until(lambda: there.execute(paused).fetchone()[0], 30, "the standby to pause")
        done = rolling.roll(now=now, at_once=True)
        assert (done.epoch, done.destroyed) == (2, ())
        assert "The standby second has not replayed the new covers" in done.waiting[0]
        assert keys.ring.list() == [1, 2]
        with reading_from(second):  # it knows of the old covers alone
            assert persons.keys_of(people) == theirs
        there.execute("SELECT pg_wal_replay_resume()")
        until(lambda: destroying.destroy_due(now=now, at_once=True)[0] == [1], 30, "the standby to have come by")
        assert keys.ring.list() == [2]
        there.execute("SELECT pg_promote()")
        with reading_from(second):
            assert persons.keys_of(people) == theirs
            assert rolling.roll(now=now, at_once=True).epoch == 3  # and it rolls on
            assert persons.keys_of(people) == theirs


def test_a_standby_that_must_be_there_and_is_not_keeps_the_old_key_alive(keys, house, now):
    enrol(now=now)
    with override_settings(STANDBYS=["third"]):
        done = rolling.roll(now=now, at_once=True)
        assert (done.epoch, done.destroyed) == (2, ())
        assert "The standby third is not connected" in done.waiting[0]
    assert rolling.roll(now=now, at_once=True).destroyed == (1, 2)


def test_an_idle_slot_that_a_standby_left_keeps_the_old_key_alive(keys, house, now, superuser):
    enrol(now=now)
    with superuser() as dba:
        dba.execute("SELECT pg_create_physical_replication_slot('left', true)")
        try:
            assert "The standby left has not replayed" in rolling.roll(now=now, at_once=True).waiting[0]
        finally:
            dba.execute("SELECT pg_drop_replication_slot('left')")
    assert rolling.roll(now=now, at_once=True).destroyed == (1, 2)


@contextmanager
def archiving(folder, env):
    """Receive the server's log into a folder, as an archive does; all that was written lies there at the end."""
    folder.mkdir()
    receiver = subprocess.Popen([*program("pg_receivewal"), "-D", folder, "--synchronous"], env=env)
    seen = "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'pg_receivewal' AND flush_lsn >= %s"
    try:
        with CLUSTER.connect() as here:
            until(lambda: here.execute(seen, ["0/0"]).fetchone()[0], 30, "the archive to begin")
            yield
            (end,) = here.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            here.execute("SELECT pg_switch_wal()")
            until(lambda: here.execute(seen, [end]).fetchone()[0], 30, "the archive to have all")
    finally:
        receiver.send_signal(signal.SIGINT)
        receiver.wait(180)


def test_an_archive_that_receives_the_log_holds_nothing_up_for_ever(keys, house, now, reachable, tmp_path):
    """It replays nothing. It bites: a gate that waits until it has."""
    enrol(now=now)
    with archiving(tmp_path / "archive", reachable):
        rolling.roll(now=now, at_once=True)
        until(lambda: keys.ring.list() == [2] or destroying.destroy_due(now=now, at_once=True)[0], 30, "the archive")
        assert keys.ring.list() == [2]


def log_of(folder):
    """The content of an archived log without what begins its pages, so that what goes over a page's end is whole."""
    parts = []
    for path in sorted(folder.iterdir()):
        segment = path.read_bytes()
        parts += [segment[at + (HEAD if at else FIRST_HEAD) : at + PAGE] for at in range(0, len(segment), PAGE)]
    return b"".join(parts)


def test_what_lies_in_a_base_backup_and_in_an_archive_opens_until_the_key_dies(  # noqa: PLR0917
    keys, house, now, base, reachable, tmp_path, superuser
):
    people = [enrol(now=now) for _ in range(6)]
    victims, neighbours = people[:3], people[3:]
    letters = {person: sealing.seal_blob(person, "letter", b"Dear Ada", now=now) for person in people}
    slots = dict(PersonSlot.objects.values_list("person", "slot"))
    covers = []

    def cover():
        row = Bucket.objects.get(bucket_id=0)
        covers.append((row.epoch_id, row.generation, bytes(row.cover)))

    def opened_by(found):
        """Whose letters open by these covers and the keys that are left."""
        living = []
        for epoch, generation, sealed in found:
            try:
                living.append(buckets.cover_of(0, epoch, generation, sealed))
            except (KeyringLost, DoesNotOpen):
                continue
        leaves = {person: [tree.leaf(one, slots[person] & 255) for one in living] for person in people}
        return {person for person in people if any(opens(person, leaf) for leaf in leaves[person] if leaf)}

    def opens(person, leaf):
        return sealing.unseal_with(persons.key_from(person, leaf), person, "letter", letters[person]) == b"Dear Ada"

    cover()
    stolen = base("stolen")
    with archiving(tmp_path / "archive", reachable):
        for victim in victims:
            erasure.erase(victim, request=uuid4(), asked_by=THE_PERSON, now=now)
            cover()
        rolling.roll(now=now + A_DAY)
        cover()
    with superuser() as dba:
        (oid,) = dba.execute("SELECT oid FROM pg_database WHERE datname = 'avow_keys'").fetchone()
    heaps = b"".join(path.read_bytes() for path in (stolen / "data" / "base" / str(oid)).iterdir())
    log = log_of(tmp_path / "archive")
    in_base = [one for one in covers if one[2] in heaps]
    in_log = [one for one in covers if one[2][ENDS:-ENDS] in log]
    assert in_base == covers[:1]  # the search finds
    assert in_log == covers[1:]  # each that was written since, under the old key and under the new one
    assert opened_by(in_base) == set(people)
    assert opened_by(in_log) == {*victims[1:], *neighbours}  # the first puncture's cover still has the others
    assert rolling.roll(now=now + 7 * A_DAY).destroyed == (1,)
    assert opened_by(in_base) == set()
    assert opened_by(in_log) == set(neighbours)
