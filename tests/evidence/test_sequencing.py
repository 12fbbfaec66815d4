"""Acts reach the log once each, in one order, whatever dies in between."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from avow.errors import KeyringLost, Unavailable
from avow.evidence import merkle, sequencing, tiles
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, decode
from avow.evidence.models import Checkpoint, Leaf, Outbox, Tile
from avow.evidence.notes import SigningKey
from avow.evidence.outbox import record
from avow.evidence.sequencing import sequence

from .conftest import NOON


def whole(count):
    """The log has these many leaves, no gap, no double, and its checkpoint says so."""
    leaves = list(Leaf.objects.order_by("index"))
    assert [leaf.index for leaf in leaves] == list(range(count))
    assert len({leaf.entry_id for leaf in leaves}) == count
    assert all(bytes(leaf.hash) == merkle.leaf_hash(bytes(leaf.entry)) for leaf in leaves)
    signed = tiles.newest()
    assert signed.size == count
    assert bytes(signed.root) == merkle.root(bytes(leaf.hash) for leaf in leaves)
    assert Tile.objects.filter(level=0).count() == count // 256
    assert not Outbox.objects.exists() and not Outbox.objects.using("avow_keys").exists()


def test_an_empty_log_is_signed_too(log, key):
    assert log.sequence() == 0
    assert tiles.newest().note.startswith("log.example/avow\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")


def test_acts_of_both_databases_become_leaves(log):
    log.write(300)
    log.write(5, using="avow_keys", act=Act.KEY_DESTROYED)
    assert log.sequence() == 305
    whole(305)
    acts = [decode(bytes(entry)).act for entry in Leaf.objects.order_by("index").values_list("entry", flat=True)]
    assert acts[-5:] == [Act.KEY_DESTROYED] * 5  # they came later, and stand later


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-60, 60)), max_size=40))
def test_a_clock_that_steps_back_reorders_no_acts_of_one_outbox(rows):
    """It bites: merging by the times alone, as was once done."""
    boxes = ([], [])
    for number, (where, seconds) in enumerate(rows):
        boxes[where].append((number, uuid4(), b"", NOON + timedelta(seconds=seconds)))
    merged = sequencing.merged(*boxes)
    assert sorted(merged) == sorted([*boxes[0], *boxes[1]])
    for box in boxes:
        assert [row for row in merged if row in box] == box
    if all(early[3] <= late[3] for box in boxes for early, late in itertools.pairwise(box)):
        assert merged == sorted(merged, key=lambda row: row[3])  # with a clock that goes on, it decides


def test_acts_reach_the_log_in_the_order_in_which_they_were_recorded(log):
    """The database's clock stepped back by half a minute between two acts."""
    (first,) = log.write(1)
    late = Outbox(entry_id=uuid4(), entry=Entry(act=Act.SIGNED_OUT, at=NOON).encode())
    late.waiting_since = Outbox.objects.get().waiting_since - timedelta(seconds=30)
    late.save(force_insert=True)
    log.sequence()
    assert list(Leaf.objects.order_by("index").values_list("entry_id", flat=True)) == [first, late.entry_id]


def test_what_rolls_back_leaves_nothing(log):
    with pytest.raises(RuntimeError), transaction.atomic():
        log.write(1)
        raise RuntimeError
    assert log.sequence() == 0
    assert not Leaf.objects.exists()


def test_sizes_around_the_tiles_edges(log):
    written = 0
    for more in (1, 254, 1, 1, 255, 1, 600, 1024, 3):
        log.write(more)
        log.sequence()
        written += more
        whole(written)


def test_three_writers_lose_no_act_while_the_sequencer_runs(log, key):
    done, each = threading.Event(), 120

    def write(using):
        for n in range(each):
            with transaction.atomic(using=using):
                record(Entry(act=Act.SIGNED_IN, at=NOON), using=using)
                time.sleep(0.004 * (n % 7 == 0))  # some commit late: their ids are older than what is read meanwhile
        connections.close_all()

    writers = [threading.Thread(target=write, args=[using]) for using in ("default", "default", "avow_keys")]

    broken = []

    def take():
        try:
            while not done.is_set():
                sequence(key=key, now=NOON)
        except Exception as fault:
            broken.append(fault)  # without the lock, two sequencers give the same number twice and the tables refuse it
        connections.close_all()

    takers = [threading.Thread(target=take) for _ in range(2)]  # two by mistake: the lock makes them one
    for thread in writers + takers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in takers:
        thread.join()
    assert not broken
    log.sequence()
    whole(3 * each)


CHILD = """
import os, signal, sys
import django; django.setup()
from datetime import datetime, UTC
from avow.evidence import sequencing
from avow.evidence.notes import SigningKey
step, name = 0, sys.argv[1]
real = getattr(sequencing, name)
def stop(*given, **named):
    if sys.argv[2] == "after":
        real(*given, **named)
    if name != "_delete" or given[0] == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named) if sys.argv[2] == "before" else None
setattr(sequencing, name, stop)
sequencing.sequence(key=SigningKey("log.example/avow", bytes(range(32))), now=datetime(2026, 11, 23, 12, tzinfo=UTC))
"""


@pytest.mark.parametrize(
    ("place", "moment", "of", "committed"),
    [
        ("_known", "after", "", 0),
        ("_append", "before", "", 0),
        ("_append", "after", "", 0),
        ("_delete", "after", "avow_log", 0),
        ("_delete", "before", "avow_keys", 30),  # the commit of the log is through, the keys' outbox still full
        ("_delete", "after", "avow_keys", 30),
    ],
)
def test_kill_9_duplicates_nothing_and_loses_nothing(log, place, moment, of, committed):
    log.write(20)
    log.write(10, using="avow_keys")
    killed = subprocess.run([sys.executable, "-c", CHILD, place, moment, of], env=os.environ, timeout=180, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert Leaf.objects.count() == committed
    if (place, moment, of) == ("_delete", "before", "avow_keys"):
        assert Outbox.objects.using("avow_keys").count() == 10  # what the next cycle must recognise
    log.sequence()
    whole(30)


def test_without_the_look_for_known_acts_the_log_refuses_a_double(log, key, monkeypatch):
    """The unique entry id is the last line: breaking the first shows that it holds."""
    (entry_id,) = log.write(1, using="avow_keys")
    log.sequence()
    Outbox.objects.using("avow_keys").create(entry_id=entry_id, entry=bytes(Leaf.objects.get().entry))
    monkeypatch.setattr(sequencing, "_known", lambda _: set())
    with pytest.raises(Exception, match="unique"):
        sequence(key=key, now=NOON)
    monkeypatch.undo()
    log.sequence()
    whole(1)


FOR_EVER = {"leaf": "index", "tile": "number", "checkpoint": "size"}  # and published texts: test_versions


def test_nobody_changes_what_is_written_once(log, superuser):
    log.write(256)
    log.sequence()
    for table, column in FOR_EVER.items():
        for change in (f"UPDATE evidence_{table} SET {column} = {column}", f"DELETE FROM evidence_{table}"):
            with superuser() as admin, pytest.raises(Exception, match="written once"):
                admin.execute(change)
            for role in ("avow_log", "default"):
                with pytest.raises(Exception, match="permission denied"):
                    connections[role].cursor().execute(change)


def test_the_application_cannot_write_into_the_log_or_empty_its_outbox(log):
    log.write(1)
    cursor = connection.cursor()
    for statement in (
        "INSERT INTO evidence_leaf (index, entry_id, entry, hash) VALUES (7, gen_random_uuid(), '', '')",
        "DELETE FROM evidence_outbox",
        "UPDATE evidence_outbox SET entry = ''",
        "TRUNCATE evidence_leaf",
    ):
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute(statement)


def test_another_key_does_not_continue_the_log(log):
    log.write(1)
    log.sequence()
    log.write(1)
    with pytest.raises(KeyringLost):
        sequence(key=SigningKey("log.example/avow", bytes(32)), now=NOON)
    with pytest.raises(KeyringLost):
        sequence(key=SigningKey("other.example", bytes(range(32))), now=NOON)
    assert Checkpoint.objects.count() == 1
    assert Outbox.objects.count() == 1


def test_a_log_whose_edge_was_changed_is_not_continued(log, key, superuser):
    log.write(3)
    log.sequence()
    log.write(1)
    with superuser() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE evidence_leaf SET hash = sha256('forged') WHERE index = 1")
    with pytest.raises(Unavailable, match="not the ones it signed"):
        sequence(key=key, now=NOON)
