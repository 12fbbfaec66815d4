"""§7.3 in words: what is kept after an erasure can no longer identify anyone.

The adversary has every version of every row of the key database that was ever written (a trigger keeps them: more than any set of
backups, replicas and archived WAL), all ciphertext ever written, and the epoch keys that still live. What it can derive, it tries.

Bites (each was tried): an `erase` without the puncture, and one that punctures but keeps the cover's old wrapping, fail
`test_a_punctured_and_rolled_key_opens_nothing`; a positive control that finds nothing fails everywhere.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import override_settings

from avow.errors import DoesNotOpen
from avow.keyring.file import FileKeyring
from avow.policy.promises import Promise
from avow.vault import crypto, erasure, persons, sealing, tree
from avow.vault.actor import THE_PERSON
from avow.vault.enrolment import enrol
from avow.vault.keys import buckets, rolling
from avow.vault.keys.models import Bucket, PersonSlot

pytestmark = [pytest.mark.proves(Promise.DE_IDENTIFY)]

HISTORY = """
    CREATE TABLE IF NOT EXISTS stolen (what text, old jsonb);
    TRUNCATE stolen;
    CREATE OR REPLACE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO stolen VALUES (TG_TABLE_NAME, to_jsonb(coalesce(NEW, OLD))); RETURN NULL; END $$;
    CREATE OR REPLACE TRIGGER steal AFTER INSERT OR UPDATE OR DELETE ON vault_keys_bucket
      FOR EACH ROW EXECUTE FUNCTION steal();
    CREATE OR REPLACE TRIGGER steal AFTER INSERT OR UPDATE OR DELETE ON vault_keys_personslot
      FOR EACH ROW EXECUTE FUNCTION steal();
    GRANT INSERT ON stolen TO avow_keyd;
"""


class Adversary:
    """Everything ever written among the keys, and the epoch keys that can still be had."""

    def __init__(self, connect, keyring):
        self.connect, self.keyring = connect, keyring

    def rows(self, table):
        with self.connect("avow_keys") as thief:
            return [old for (old,) in thief.execute("SELECT old FROM stolen WHERE what = %s", [table]).fetchall()]

    def covers(self):
        """Every cover that opens with a living epoch key, whichever it is, as (bucket, cover)."""
        for row in self.rows("vault_keys_bucket"):
            sealed = bytes.fromhex(row["cover"].removeprefix("\\x"))
            bound = buckets._bound(row["bucket_id"], row["epoch_id"], row["generation"])
            for key in self.living():
                try:
                    yield row["bucket_id"], tree.decode(crypto.unseal(key, sealed, bound))
                except DoesNotOpen:
                    continue

    def living(self):
        return [self.keyring.load(epoch) for epoch in self.keyring.list()]

    def opens(self, victim, blob):
        slots = {row["slot"] for row in self.rows("vault_keys_personslot") if row["person"] == str(victim)}
        for bucket_id, cover in self.covers():
            for slot in slots:
                leaf = tree.leaf(cover, slot & 255) if slot >> 8 == bucket_id else None
                if leaf and self.unseals(persons.key_from(victim, leaf), victim, blob):
                    return True
        return False

    @staticmethod
    def unseals(key, victim, blob):
        try:
            return sealing.unseal_with(key, victim, "letter", blob) == b"Dear Ada"
        except DoesNotOpen:
            return False


@pytest.fixture
def adversary(db, superuser, tmp_path):
    with superuser("avow_keys") as admin:
        admin.execute(HISTORY)
    with override_settings(KEYRING_FOLDER=tmp_path / "keys", KEY_BACKUPS_FOLDER=tmp_path / "key-backups"):
        yield Adversary(superuser, FileKeyring(tmp_path / "keys"))
    with superuser("avow_keys") as admin:
        admin.execute("DROP TABLE stolen; DROP FUNCTION steal CASCADE")


@pytest.fixture
def crowd(adversary, house, now):
    people = [enrol(now=now) for _ in range(10)]
    return {person: sealing.seal_blob(person, "letter", b"Dear Ada", now=now) for person in people}


def erase(victim, now):
    return erasure.erase(victim, request=uuid4(), asked_by=THE_PERSON, now=now)


def split(crowd):
    people = list(crowd)
    return people[::2], people[1::2]


def test_a_row_that_is_only_deleted_opens_even_after_a_roll(adversary, crowd, now):
    """What the peers do, and why it is not enough: the tree still has the leaf, under whatever epoch."""
    victims, neighbours = split(crowd)
    PersonSlot.objects.filter(person__in=victims).delete()
    rolling.roll(now=now, at_once=True)
    assert all(adversary.opens(one, crowd[one]) for one in victims)
    assert all(adversary.opens(one, crowd[one]) for one in neighbours)


def test_a_punctured_key_opens_by_old_copies_until_the_day_that_is_told(adversary, crowd, now):
    """The scheduled roll alone: next day's covers are sealed anew, and the old key goes on the day that was promised."""
    victims, neighbours = split(crowd)
    for one in victims:
        until = erase(one, now).copies_open_until
    assert until == now + timedelta(days=7)
    rolling.roll(now=now + timedelta(days=1))
    assert all(adversary.opens(one, crowd[one]) for one in victims)  # so the limit on the certificate is true
    rolling.roll(now=until)
    assert not any(adversary.opens(one, crowd[one]) for one in victims)
    assert all(adversary.opens(one, crowd[one]) for one in neighbours)


def test_a_punctured_and_rolled_key_opens_nothing(adversary, crowd, now):
    victims, neighbours = split(crowd)
    assert all(adversary.opens(one, blob) for one, blob in crowd.items())  # the attack works
    for one in victims:
        erase(one, now)
    rolling.roll(now=now, at_once=True)
    assert not any(adversary.opens(one, crowd[one]) for one in victims)
    assert all(adversary.opens(one, crowd[one]) for one in neighbours)
    assert all(persons.key_of(one) for one in neighbours)  # and the service goes on


def test_no_leaf_that_is_left_opens_an_erased_person_today(crowd, now):
    """Without old copies: with today's rows and keys alone, any of the 255 other leaves, tried on the old ciphertext."""
    victim = next(iter(crowd))
    slot = PersonSlot.objects.get(person=victim).slot
    before = Bucket.objects.get(bucket_id=slot >> 8)
    old = buckets.cover_of(before.bucket_id, before.epoch_id, before.generation, bytes(before.cover))
    assert Adversary.unseals(persons.key_from(victim, tree.leaf(old, slot & 255)), victim, crowd[victim])
    erase(victim, now)
    after = Bucket.objects.get(bucket_id=slot >> 8)
    cover = buckets.cover_of(after.bucket_id, after.epoch_id, after.generation, bytes(after.cover))
    tried = dict(tree.leaves(cover))
    assert len(tried) == 255
    assert not any(Adversary.unseals(persons.key_from(victim, leaf), victim, crowd[victim]) for leaf in tried.values())


def test_what_is_kept_of_an_erased_person_leads_nowhere(person, superuser, now):
    """Every row of both databases that names the person afterwards: one, with times and nothing else."""
    sealing.put(person, "nickname", "Ada", source="a test", now=now)
    slot = PersonSlot.objects.get(person=person).slot
    found = rows_naming(superuser, person)
    assert {table for table, _ in found} >= {"vault_person", "vault_sealedfield", "vault_keys_personslot"}
    erase(person, now)
    ((table, row),) = rows_naming(superuser, person)
    assert table == "vault_person"
    assert row["slot"] is None
    assert slot in {int(r["slot"]) for r in all_rows(superuser, "avow", "vault_destroyed")}  # but not whose


def all_rows(superuser, database, table):
    with superuser(database) as dba:
        return [row for (row,) in dba.execute(f'SELECT to_jsonb(t) FROM "{table}" t').fetchall()]


def rows_naming(superuser, person):
    found = []
    for database in ("avow", "avow_keys"):
        with superuser(database) as dba:
            tables = [
                t for (t,) in dba.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            ]
        found += [
            (t, row)
            for t in tables
            for row in all_rows(superuser, database, t)
            if str(person) in repr(row) or person.hex in repr(row)
        ]
    return found
