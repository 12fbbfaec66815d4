"""The second wall: row-level security in avow, and two databases with roles that cannot meet.

Bites: dropping FORCE from the migration fails `test_even_the_owner_sees_nothing_unasked`; granting CONNECT on avow_keys to
avow_app fails `test_the_roles_cannot_cross`.
"""

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from avow.policy.purposes import Purpose
from avow.vault import opening, sealing
from avow.vault.actor import SERVICE
from avow.vault.enrolment import enrol
from avow.vault.models import SealedField
from avow.vault.visibility import visible


def connect(role, database):
    base = settings.DATABASES["default"]
    passwords = settings.CONNECTIONS["passwords"]
    return psycopg.connect(
        host=base["HOST"], port=base["PORT"] or None, user=role, password=passwords[role], dbname=database
    )


@pytest.fixture
def two(house, now):
    people = [enrol(now=now), enrol(now=now)]
    for person in people:
        sealing.put(person, "nickname", "Ada", source="a test", now=now)
    return people


def test_a_forgotten_where_shows_nothing(two, superuser):
    with superuser() as dba:
        assert dba.execute("SELECT count(*) FROM vault_sealedfield").fetchone() == (2,)  # they are there
    assert SealedField.objects.count() == 0
    assert SealedField.objects.filter(person__in=two).count() == 0
    with visible(two[0]):
        assert [row.person for row in SealedField.objects.all()] == [two[0]]
    assert SealedField.objects.count() == 0
    with visible(*two):
        assert SealedField.objects.count() == 2


def test_what_was_visible_ends_with_its_block_inside_a_longer_transaction(two):
    with transaction.atomic():
        with visible(two[0]):
            assert SealedField.objects.count() == 1
            with visible(two[1]):
                assert [row.person for row in SealedField.objects.all()] == [two[1]]
            assert [row.person for row in SealedField.objects.all()] == [two[0]]
        assert SealedField.objects.count() == 0


def test_writing_for_somebody_else_is_refused(two, now):
    with pytest.raises(Exception, match="row-level security"), visible(two[0]):
        SealedField.objects.create(
            person=two[1], field="x", ordinal=1, policy="x", source="x", collected_at=now, ciphertext=b"x"
        )


def test_nothing_stays_visible_for_the_next_user_of_a_connection(two, now):
    assert opening.open_field(two[0], "nickname", Purpose.RIGHTS, by=SERVICE, now=now) == "Ada"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('avow.person', true)")
        assert cursor.fetchone()[0] in {None, ""}
    assert SealedField.objects.count() == 0


def test_even_the_owner_sees_nothing_unasked(two):
    with connect("avow_owner", "avow") as owner:
        assert owner.execute("SELECT count(*) FROM vault_sealedfield").fetchone() == (0,)
        owner.execute("SELECT set_config('avow.person', %s, true)", [str(two[0])])
        assert owner.execute("SELECT count(*) FROM vault_sealedfield").fetchone() == (1,)


@pytest.mark.parametrize(
    ("role", "own", "other"), [("avow_app", "avow", "avow_keys"), ("avow_keyd", "avow_keys", "avow")]
)
def test_the_roles_cannot_cross(db, role, own, other):
    connect(role, own).close()
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(role, other)


@pytest.mark.parametrize("table", ["vault_sealedfield", "vault_openingcase", "vault_openingcount"])
def test_the_log_writer_reads_no_field_and_no_case(db, table):
    with connect("avow_log", "avow") as log, pytest.raises(psycopg.errors.InsufficientPrivilege):
        log.execute(f"SELECT * FROM {table}")
