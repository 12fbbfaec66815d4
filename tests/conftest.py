"""
A real house for the tests: PostgreSQL under our own supervisor, two databases, the service's own roles.

Why not Django's test database: it would run as one superuser in one database, and then
row-level security, the append-only log and the wall around the keys would not be tested at all.
"""

import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="avow-test-"))
HOME.chmod(0o711)
os.environ.update(
    AVOW_HOME=str(HOME),
    DJANGO_SETTINGS_MODULE="avow.host.settings",
    DEMO="0",
    AVOW_TESTING="1",
    AVOW_HOSTS="testserver",
)

import django
import pytest

from avow.host import bootstrap
from avow.host.cluster import Cluster
from avow.host.home import Home

pytest_plugins = [
    "tests.plugin",
    "tests.saying",
    "tests.people.walking",
    "tests.people.third_party",
    "tests.vault.house",
    "tests.requests.asking",
    "tests.communications.changing",
]
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CLUSTER = Cluster(HOME / "pg", options={"fsync": "off", "synchronous_commit": "off"})


def pytest_configure(config):
    """Start the server and prepare the home once, before any test module imports a model."""
    if getattr(config, "workerinput", None):
        return
    CLUSTER.start()
    set_server(full_page_writes="off")
    home = Home(HOME).make()
    bootstrap.prepare(home, CLUSTER.connect, CLUSTER.socket)
    django.setup()
    from avow.host import marks

    marks.load()
    from avow.evidence import shown
    from avow.policy.promises import CHECKS
    from tests import plugin

    plugin.SHOWN_AT_START.update(name for name in CHECKS if shown.is_shown(name))


def pytest_unconfigure(config):
    CLUSTER.stop()
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def shared():
    """The folder of other people's texts; a test that needs it is named when it is absent."""
    if not SHARED.exists():
        pytest.skip("the folder ../shared with other people's policies is absent")
    return SHARED


@pytest.fixture(scope="session")
def superuser():
    """Open a connection as the database's superuser: what a thief of the whole machine could read."""

    def connect(database="avow"):
        return CLUSTER.connect(database)

    return connect


def set_server(**wanted):
    """Change settings of the running server; None puts one back. What a log of changes holds depends on them."""
    with CLUSTER.connect() as admin:
        for name, value in wanted.items():
            admin.execute(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
        admin.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def server():
    """Change settings of the running server."""
    return set_server


def every_table(connection):
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' "
        "AND tablename <> 'django_content_type'"
    ).fetchall()
    return [name for (name,) in rows]


def with_rows(connection):
    """The tables that hold something: emptying the others too would take most of a short test's time."""
    asked = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM \"{t}\")" for t in every_table(connection))
    return [name for (name,) in connection.execute(asked).fetchall()] if asked else []


@pytest.fixture
def db():
    """Empty tables in both databases before the test; the connections are the service's own roles."""
    from django.db import connections

    for name in ("avow", "avow_keys"):
        with CLUSTER.connect(name) as admin:
            if tables := with_rows(admin):
                admin.execute("TRUNCATE " + ", ".join(f'"{t}"' for t in tables) + " RESTART IDENTITY CASCADE")
    yield
    connections.close_all()
