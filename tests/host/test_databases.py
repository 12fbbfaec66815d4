"""Databases and roles, on our server and on one of someone else.

Tried, and then these tests fail: BYPASSRLS given to a role (refused), the foreign database taken over (refused),
the scram verifier replaced by the password itself (found in the statement log).
"""

import psycopg
import pytest

from avow.errors import BadInput, DatabaseUnavailable
from avow.host import bootstrap, database
from avow.host.cluster import Cluster
from avow.host.given import Given
from avow.host.home import Home

QUICK = {"fsync": "off", "full_page_writes": "off", "log_statement": "all"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Someone else's server, with an administrator who is no superuser."""
    cluster = Cluster(tmp_path_factory.mktemp("theirs") / "pg", options=QUICK)
    cluster.start()
    with cluster.connect() as admin:
        admin.execute("CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD 'given'")
        admin.execute("CREATE DATABASE house OWNER admin")
    yield cluster
    cluster.stop()


def dsn(server):
    return f"host={server.socket} port=5432 user=admin password=given dbname=house"


def connect_as(home, role, name="avow"):
    known = home.read_connections()
    return psycopg.connect(
        host=known["host"],
        port=known["port"],
        user=role,
        password=known["passwords"][role],
        dbname=name,
        autocommit=True,
    )


def test_a_given_server_is_set_up_by_an_administrator_who_is_no_superuser(server, tmp_path):
    home = Home(tmp_path / "home").make()
    given = Given(dsn(server), home)
    given.start()
    assert bootstrap.prepare(home, given.connect, **given.address()) is True
    assert bootstrap.prepare(home, given.connect, **given.address()) is False, "a second time there is nothing to do"
    assert bootstrap.stands(home)
    with connect_as(home, "avow_app") as app:
        assert app.execute("SELECT count(*) FROM people_account").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("INSERT INTO evidence_leaf DEFAULT VALUES")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (n int)")
    with pytest.raises(psycopg.OperationalError):
        connect_as(home, "avow_app", "avow_keys")
    with pytest.raises(psycopg.OperationalError):
        connect_as(home, "avow_keyd", "avow")
    for role, password in home.read_connections()["passwords"].items():
        assert role in server.log.read_text()
        assert password not in server.log.read_text(), "the server saw a password"


def test_another_home_is_refused_and_changes_nothing(server, tmp_path):
    stranger = Given(dsn(server), Home(tmp_path / "other").make())
    with pytest.raises(DatabaseUnavailable, match="did not make"):
        stranger.start()


def test_older_tables_are_noticed_by_the_mark_in_the_database(server, tmp_path):
    with server.connect() as admin:
        admin.execute("COMMENT ON DATABASE avow_keys IS 'avow tables of last year'")
    assert bootstrap.mark_of_code() in bootstrap.marks(server.connect)
    assert bootstrap.marks(server.connect) != {bootstrap.mark_of_code()}


def test_a_role_that_could_step_over_row_level_security_is_refused(server):
    with server.connect() as admin:
        admin.execute("ALTER ROLE avow_app BYPASSRLS")
        with pytest.raises(DatabaseUnavailable, match="avow_app may bypass"):
            database.refuse_strong_roles(admin)
        admin.execute("ALTER ROLE avow_app NOBYPASSRLS")
        database.refuse_strong_roles(admin)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("nonsense=1", BadInput, "cannot be read"),
        ("host=/nowhere user=x password=hunter2", DatabaseUnavailable, "does not answer"),
    ],
)
def test_a_wrong_dsn_is_refused_without_showing_it(tmp_path, text, kind, words):
    with pytest.raises(kind, match=words) as refused:
        Given(text, Home(tmp_path)).start()
    assert "hunter2" not in str(refused.value)
