"""
Bring a home to the point where the service can start: databases, roles, tables, grants.

Why the mark lies in the databases themselves: whoever restores one of an older day
brings the older mark with it, and the next start migrates. A file beside it would lie.

Holds:    safe to repeat at every start; a crash between two steps is mended by the
          next start. When both databases carry the mark of this very code, nothing
          is done at all, which makes a restart quick.
Assumes:  the database server answers.
"""

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import avow
from avow.errors import Unavailable
from avow.host import database
from avow.host.database import Connect
from avow.host.home import Home

PACKAGE = Path(avow.__file__).parent
BRINGING_TABLES = ("django", "django-allauth", "procrastinate")
SETTINGS = PACKAGE / "host" / "settings.py"


def prepare(home: Home, connect: Connect, host: str, port: str = "5432", options: dict[str, Any] | None = None) -> bool:
    """Make roles, databases, tables and grants, and write down how to connect; tell whether anything was to do."""
    known = home.read_connections()
    passwords = database.passwords_of(known)
    connections = {"host": host, "port": port, "options": options or {}, "passwords": passwords}
    if known != connections:
        home.write_connections(connections)
    mark = mark_of_code()
    if known.get("passwords") == passwords and marks(connect) == {mark}:
        return False
    database.prepare(connect, passwords)
    migrate(home)
    database.grant(connect)
    put_mark(connect, mark)
    return True


def mark_of_code() -> str:
    """Return a hash over all that decides what the tables and grants look like."""
    seen = hashlib.sha256(repr(sorted(database.GRANTS.items())).encode())
    for name in BRINGING_TABLES:
        seen.update(f"{name}=={version(name)}\n".encode())
    for path in [SETTINGS, *sorted(PACKAGE.glob("**/migrations/*.py"))]:
        seen.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return f"avow tables {seen.hexdigest()[:32]}"


def marks(connect: Connect) -> set[str | None]:
    """Read the mark of each database; None where it is missing, or the database is."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    with connect("postgres") as admin:
        rows = [admin.execute(query, [name]).fetchone() for name in database.DATABASES]
    return {row[0] if row else None for row in rows}


def stands(home: Home) -> bool:
    """Tell, as the application's role, whether both databases answer and carry the mark of this code."""
    known = home.read_connections()

    def connect(_: str) -> psycopg.Connection:
        return psycopg.connect(
            host=known["host"],
            port=known["port"],
            dbname="avow",
            user="avow_app",
            password=known["passwords"]["avow_app"],
            **known["options"],
        )

    try:
        return marks(connect) == {mark_of_code()}
    except psycopg.OperationalError:
        return False


def put_mark(connect: Connect, mark: str) -> None:
    """Write the mark into both databases."""
    with connect("postgres") as admin:
        for name in database.DATABASES:
            admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(mark)))


def migrate(home: Home) -> None:
    """Apply migrations as the owners, in a process of its own: no other has their passwords in its settings."""
    environment = {
        **os.environ,
        "AVOW_HOME": str(home.root),
        "AVOW_AS_OWNER": "1",
        "DJANGO_SETTINGS_MODULE": "avow.host.settings",
    }
    environment.pop("AVOW_DSN", None)
    done = subprocess.run(
        [sys.executable, "-m", "avow.host.migrating"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unavailable(said[-1] if said else "The tables could not be brought up to date, and no reason was given.")
