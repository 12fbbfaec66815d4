"""Everything that is stored about a person is declared: each table and column of both databases has its line in a catalogue."""

import pytest

from avow.policy.promises import Promise
from avow.vault import catalogue, stores
from avow.vault.catalogue import Database, Erasure
from avow.vault.checks import every_column_is_declared

pytestmark = [pytest.mark.proves(Promise.DECLARED_DATA)]


def test_every_table_and_column_is_declared(policy, now):
    assert every_column_is_declared(now) is None


@pytest.mark.parametrize("database, table", [("avow", "people_account"), ("avow_keys", "vault_keys_personslot")])
def test_a_column_that_nobody_declared_is_found_in_either_database(policy, superuser, now, database, table):
    """It bites: a column added by hand is named until it is taken away again."""
    with superuser(database) as dba:
        dba.execute(f"ALTER TABLE {table} ADD COLUMN shoe_size int")
        try:
            why = every_column_is_declared(now)
        finally:
            dba.execute(f"ALTER TABLE {table} DROP COLUMN shoe_size")
    assert f"{table}.shoe_size" in why
    assert every_column_is_declared(now) is None


def test_a_table_that_nobody_declared_is_found(policy, superuser, now):
    with superuser() as dba:
        dba.execute("CREATE TABLE guest_book (name text)")
        try:
            why = every_column_is_declared(now)
        finally:
            dba.execute("DROP TABLE guest_book")
    assert "guest_book.name" in why


def test_each_declared_column_exists_and_each_table_says_what_becomes_of_it():
    """A catalogue that lists what is not there would hide what is."""
    names = [store.name for store in stores.stores()]
    assert len(names) == len(set(names))
    for table in catalogue.tables():
        assert table.columns, f"{table.name} lists no column"
        assert table.why, f"{table.name} says no reason"
        assert not table.store or table.store in names, f"{table.name} belongs to a store that is not registered"
        needs_store = table.erasure is Erasure.SEALED
        assert table.store or not needs_store, f"{table.name} holds personal data and no store forgets it"
    assert {table.database for table in catalogue.tables()} <= set(Database)
