"""
The PostgreSQL that someone else runs, named by AVOW_DSN.

Why an administrator's connection: Avow makes its two databases and five roles by
itself. It is used at start only and is not handed to the web or the worker, which
connect as their own roles.

Holds:    databases called avow and avow_keys that this home did not make are refused,
          never altered: they may be another installation's.
Does not: run, stop or back up that server.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from avow.errors import BadInput, DatabaseUnavailable
from avow.host.home import Home

KEPT = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "channel_binding",
    "target_session_attrs",
    "connect_timeout",
)
OLDEST = 150000


@dataclass
class Given:
    """A server of someone else."""

    dsn: str
    home: Home
    version: str = ""

    @property
    def title(self) -> str:
        """Name the server for a person; never its address, which may hold a password."""
        return f"PostgreSQL {self.version} (AVOW_DSN)"

    @property
    def parts(self) -> dict[str, Any]:
        """The connection string's parts; raise BadInput when it is none."""
        try:
            return dict(conninfo_to_dict(self.dsn))
        except psycopg.ProgrammingError:
            raise BadInput(
                "AVOW_DSN cannot be read; write it as postgresql://user:password@host:5432/ or host=… user=… password=…"
            ) from None

    def address(self) -> dict[str, Any]:
        """How the service's roles reach it: the same place, the same care for TLS, other names."""
        parts = self.parts
        options = {key: parts[key] for key in KEPT if key in parts}
        return {"host": parts.get("host", ""), "port": str(parts.get("port", "")), "options": options}

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as the given administrator."""
        name = self.parts.get("dbname") if database == "postgres" else None
        return psycopg.connect(self.dsn, dbname=name or database, autocommit=True, connect_timeout=10)

    def start(self) -> None:
        """See that it answers, is new enough, and holds nothing of another installation."""
        try:
            with self.connect() as admin:
                self.version = str(admin.info.parameter_status("server_version") or "").split(" ")[0]
                number = admin.info.server_version
                foreign = admin.execute("SELECT 1 FROM pg_database WHERE datname IN ('avow', 'avow_keys')").fetchone()
        except psycopg.OperationalError:
            raise DatabaseUnavailable(
                "The server in AVOW_DSN does not answer, or refuses this user; try the same string with psql."
            ) from None
        if number < OLDEST:
            raise DatabaseUnavailable(f"The server in AVOW_DSN is PostgreSQL {self.version}; Avow needs 15 or newer.")
        if foreign and not self.home.read_connections():
            raise DatabaseUnavailable(
                "The server in AVOW_DSN already has a database called avow that this home did not make; "
                "use the home that made it (with its keys), or another server."
            )

    def alive(self) -> bool:
        """Return True: whether it lives is not ours to say, and the service's processes wait for it by themselves."""
        return True

    def stop(self) -> None:
        """Leave it running."""
