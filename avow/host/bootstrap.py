"""
Bring a home to the point where the service can start: databases, roles, tables, grants.

Holds:    safe to repeat at every start; a crash between two steps is mended by the next start.
Assumes:  the database server answers.
"""

import os
import subprocess
import sys
from collections.abc import Callable

import psycopg

from avow.errors import DatabaseUnavailable
from avow.host import database
from avow.host.home import Home


def prepare(home: Home, connect: Callable[[str], psycopg.Connection], host: str, port: str = "") -> None:
    """Create databases and roles, write the connections, migrate both databases, give grants."""
    passwords = database.prepare(connect, home.read_connections())
    home.write_connections({"host": host, "port": port, "passwords": passwords})
    migrate(home)
    database.grant(connect)


def migrate(home: Home) -> None:
    """Apply migrations as the owners, in a process of its own so that this one never holds their passwords in settings."""
    environment = {**os.environ, "AVOW_HOME": str(home.root), "AVOW_AS_OWNER": "1", "DJANGO_SETTINGS_MODULE": "avow.host.settings"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "avow.host.migrating"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DatabaseUnavailable(f"The tables could not be brought up to date: {done.stderr.strip().splitlines()[-1:]}.")
