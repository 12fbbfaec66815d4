"""Every column of this room's tables, of those that allauth and Django bring, and of the messages is declared; nothing more is."""

import pytest
from django.db import connection

from avow.communications.catalogue import COMMUNICATIONS
from avow.people.catalogue import FIELDS, FRAMEWORK, PEOPLE, SIGN_UP, declared
from avow.vault import stores
from avow.vault.catalogue import Database

OURS = [table for table in (*PEOPLE, *FRAMEWORK, *COMMUNICATIONS) if table.database is Database.AVOW]
QUERY = """SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"""


@pytest.mark.parametrize("table", OURS, ids=lambda table: table.name)
def test_columns_are_those_of_the_database(db, table):
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [table.name])
        assert {row[0] for row in cursor.fetchall()} == {column.name for column in table.columns}


def test_no_table_of_these_rooms_is_left_out(db):
    """It bites: leave one out of the catalogue, or add a model, and it is named here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(people|communications|account|socialaccount|mfa|allauth|auth|django)_'"
        )
        assert {row[0] for row in cursor.fetchall()} == {table.name for table in OURS}


def test_a_table_with_personal_columns_has_a_store_that_answers_for_it():
    known = {store.name for store in stores.stores()}
    for table in OURS:
        assert not table.store or table.store in known, table.name
        assert table.store or not any(column.category for column in table.columns), table.name


def test_each_field_says_what_an_export_and_a_form_must_say():
    for field in FIELDS:
        assert field.purposes and field.reason and field.recipients and field.retention, field.name
    assert [declared(name).name for name in SIGN_UP] == list(SIGN_UP)
