"""Each live check of this room is seen to fail when what it watches is broken, and to hold otherwise."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from avow.evidence import checks, merkle, sequencing, versions
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.models import Leaf, Outbox
from avow.evidence.notes import SigningKey, log_key
from avow.evidence.outbox import record
from avow.evidence.versions import all_versions, freeze

from .conftest import NOON, TABLE, text


@pytest.fixture
def house_log(db):
    """Sequence with the house's own key, which the checks verify against."""
    key = log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)

    def write(count=0):
        entries = [Entry(act=Act.SIGNED_IN, at=NOON + timedelta(seconds=n)) for n in range(count)]
        Outbox.objects.bulk_create(Outbox(entry_id=uuid4(), entry=entry.encode()) for entry in entries)
        while sequencing.sequence(key=key, now=NOON):
            pass

    checks._walk = merkle.Peaks()
    return write


@contextmanager
def behind_its_back(superuser, *statements):
    """Change rows as somebody who owns the machine would, triggers off; put them back afterwards."""
    with superuser() as admin:
        admin.execute("SET session_replication_role = replica")
        kept = {t: admin.execute(f"SELECT * FROM {t}").fetchall() for t in TABLES}
        for statement in statements:
            admin.execute(statement)
        yield
        for table, rows in kept.items():
            admin.execute(f"DELETE FROM {table}")
            for row in rows:
                admin.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)


TABLES = ("evidence_leaf", "evidence_tile", "evidence_checkpoint", "evidence_policyversion", "evidence_policybinding")


def forge(index):
    """Change an entry, its leaf hash and the tile above it, consistently; leave the checkpoint as it was signed."""
    honest = [bytes(entry) for entry in Leaf.objects.order_by("index").values_list("entry", flat=True)]
    forged = honest[index].replace(b"person.signed-in", b"key.destroyed")
    assert forged != honest[index]
    hashes = [merkle.leaf_hash(entry) for entry in [*honest[:index], forged, *honest[index + 1 :]]]
    tile = index // 256
    row = hashes[tile * 256 : tile * 256 + 256]
    return (
        f"UPDATE evidence_leaf SET entry = '\\x{forged.hex()}', hash = '\\x{hashes[index].hex()}' WHERE index = {index}",
        f"UPDATE evidence_tile SET hashes = '\\x{b''.join(row).hex()}' WHERE level = 0 AND number = {tile}",
        f"UPDATE evidence_tile SET root = '\\x{merkle.root(row).hex()}' WHERE level = 0 AND number = {tile}",
    )


def test_the_log_adds_up_is_shown_to_fail(house_log, superuser, shown_to_fail):
    house_log(600)
    house_log(1)
    with shown_to_fail("the-log-adds-up", how="an entry, its leaf hash and its tile are forged consistently") as trial:
        trial.holds()
        with behind_its_back(superuser, *forge(259)):
            trial.fails()
        trial.holds()


CHANGES = [
    "UPDATE evidence_leaf SET hash = sha256('x') WHERE index = 3",
    "UPDATE evidence_leaf SET entry = 'x', hash = sha256('\\x0078'::bytea) WHERE index = 3",
    "DELETE FROM evidence_leaf WHERE index = 600",
    "DELETE FROM evidence_leaf WHERE index = 5",
    "UPDATE evidence_leaf SET index = 10000 WHERE index = 5",
    "UPDATE evidence_tile SET root = sha256('x') WHERE number = 1",
    "UPDATE evidence_checkpoint SET root = sha256('x') WHERE size = 601",
    "UPDATE evidence_checkpoint SET note = replace(note, E'\\n601\\n', E'\\n600\\n') WHERE size = 601",
    "UPDATE evidence_checkpoint SET note = replace(note, 'A', 'B') WHERE size = 600",
    "DELETE FROM evidence_checkpoint WHERE size = 601; UPDATE evidence_checkpoint SET size = 601 WHERE size = 600",
]


@pytest.mark.parametrize("step", [20_000, 100])
def test_each_change_is_found_whatever_the_step(house_log, superuser, monkeypatch, step):
    monkeypatch.setattr(checks, "STEP", step)
    for _ in range(6):
        house_log(100)
    house_log(1)

    def verdicts():
        return [checks.the_log_adds_up(NOON) for _ in range(8)]

    assert verdicts() == [None] * 8
    for change in CHANGES:
        with behind_its_back(superuser, change):
            found = verdicts()
            assert any(found), change
            first = next(n for n, why in enumerate(found) if why)
            assert all(found[first:]), change  # once found it stays found: a round does not walk past it
        assert verdicts() == [None] * 8, change


def test_a_log_that_was_rewritten_whole_lacks_the_keys_signature(house_log, superuser):
    """Whoever owns the database can rewrite all of it and even the checkpoint, but not sign it."""
    house_log(600)
    entries = [bytes(entry) for entry in Leaf.objects.order_by("index").values_list("entry", flat=True)]
    entries[259] = entries[259].replace(b"person.signed-in", b"key.destroyed")
    root = merkle.root(merkle.leaf_hash(entry) for entry in entries)
    note = SigningKey(settings.LOG_ORIGIN, bytes(32)).checkpoint(600, root)
    rewrite = f"UPDATE evidence_checkpoint SET root = '\\x{root.hex()}', note = '{note}' WHERE size = 600"
    tile = f"UPDATE evidence_tile SET root = '\\x{merkle.root(merkle.leaf_hash(e) for e in entries[256:512]).hex()}'"
    with behind_its_back(superuser, *forge(259), f"{tile} WHERE number = 1", rewrite):
        assert "not signed with the log's key" in checks.the_log_adds_up(NOON)
    assert checks.the_log_adds_up(NOON) is None


def test_nothing_waits_for_the_log_is_shown_to_fail(house_log, shown_to_fail):
    with shown_to_fail("nothing-waits-for-the-log", how="the sequencer does not run") as trial:
        trial.holds()
        record(Entry(act=Act.SIGNED_IN, at=NOON))
        trial.holds()  # it has just come
        trial.now = lambda: datetime.now(UTC) + timedelta(seconds=6)
        trial.fails()
        house_log()
        trial.holds()


def test_an_act_of_the_key_database_waits_as_well(house_log):
    record(Entry(act=Act.KEY_DESTROYED, at=NOON), using="avow_keys")
    assert "have waited" in checks.nothing_waits_for_the_log(datetime.now(UTC) + timedelta(seconds=6))


@pytest.fixture
def published(house_log):
    for day, words in (("May 5, 2024", "We keep it."), ("May 5, 2025", "We keep it well.")):
        freeze(text(day, words), TABLE, now=NOON, published_by="avow up")
    house_log()
    return house_log


def test_published_texts_are_unchanged_is_shown_to_fail(published, superuser, shown_to_fail):
    with shown_to_fail(
        "published-texts-are-unchanged", how="a published text is changed behind the trigger's back"
    ) as trial:
        trial.holds()
        with behind_its_back(superuser, "UPDATE evidence_policyversion SET raw = raw || 'x' WHERE number = 1"):
            trial.fails()
        trial.holds()


ANOTHER = """INSERT INTO evidence_policyversion SELECT 3, encode(sha256('x'), 'hex'), sha256, 'x', now(), now(), '',
             gen_random_uuid() FROM evidence_policyversion WHERE number = 2"""


TEXTS = [
    "UPDATE evidence_policyversion SET raw = raw || '!', sha256 = encode(sha256(raw || '!'), 'hex') WHERE number = 2",
    "UPDATE evidence_policyversion SET effective_date = '2024-05-06' WHERE number = 1",
    "UPDATE evidence_policyversion SET parent = 'x' WHERE number = 2",
    "DELETE FROM evidence_policyversion WHERE number = 2",
    "DELETE FROM evidence_policyversion WHERE number = 1",
    "UPDATE evidence_policyversion SET number = 3 WHERE number = 1",
    ANOTHER,
]


def test_each_change_of_a_published_text_is_found(published, superuser):
    for change in TEXTS:
        with behind_its_back(superuser, change):
            assert checks.published_texts_are_unchanged(NOON), change
        assert checks.published_texts_are_unchanged(NOON) is None, change


def test_a_text_that_the_log_has_not_taken_up_yet_is_no_fault(house_log):
    freeze(text("May 5, 2024", "We keep it."), TABLE, now=NOON, published_by="avow up")
    assert checks.published_texts_are_unchanged(NOON) is None
    assert checks.old_versions_are_readable(NOON) is None


def test_old_versions_are_readable_is_shown_to_fail(published, shown_to_fail, monkeypatch):
    with shown_to_fail("old-versions-are-readable", how="only the newest version is listed") as trial:
        trial.holds()
        with monkeypatch.context() as m:
            m.setattr(versions, "all_versions", lambda: all_versions()[-1:])
            trial.fails()
        trial.holds()


def test_a_version_that_was_removed_is_missed(published, superuser):
    removed = (
        "DELETE FROM evidence_policybinding WHERE version_id = 1; DELETE FROM evidence_policyversion WHERE number = 1"
    )
    with behind_its_back(superuser, removed):
        versions._known.clear()
        assert "cannot be read" in checks.old_versions_are_readable(NOON)
