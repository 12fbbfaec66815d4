"""
What the host itself writes below AVOW_HOME: the database's folder, marks, logs, and what the web server serves.

Why here and not in the rooms: these files hold what all rooms share, or nobody's.

Holds:    PostgreSQL's own folder is declared as a whole; what lies in it is what the tables say, with its indexes, its
          log of changes and rows that nobody sees any more, and the marker test searches all of it.
"""

from avow.vault.catalogue import Erasure, FileKind, register_files, secret

POSTGRESQL = (
    FileKind("pg/data/**", "", "both databases, where no AVOW_DSN names another server", Erasure.SEALED),
    FileKind("pg/data.new/**", "", "the same while it is made", Erasure.NOT_PERSONAL),
    FileKind("pg/run/**", "", "the socket", Erasure.NOT_PERSONAL),
    FileKind("pg/pw", "", "the password of the database's superuser", Erasure.NOT_PERSONAL),
    FileKind("pg/server.log", "", "what PostgreSQL says of itself; no statement and no value", Erasure.NOT_PERSONAL),
    FileKind("pg/server.log.1", "", "the one before", Erasure.NOT_PERSONAL),
)
OWN = (
    FileKind("lock", "", "which process runs here", Erasure.NOT_PERSONAL),
    FileKind("database.json", "", "how the service's roles connect, with their passwords", Erasure.NOT_PERSONAL),
    FileKind("database.tmp", "", "the same while it is written", Erasure.NOT_PERSONAL),
    FileKind("remembered.json", "", "the settings about keys that the service runs with", Erasure.NOT_PERSONAL),
    FileKind("remembered.tmp", "", "the same while it is written", Erasure.NOT_PERSONAL),
    FileKind("faults.log", "", "unexpected faults by their types and lines", Erasure.NOT_PERSONAL),
    FileKind("static/**", "", "style sheets and scripts, for everybody", Erasure.NOT_PERSONAL, closed=False),
    FileKind("static.new/**", "", "the same while they are collected", Erasure.NOT_PERSONAL, closed=False),
    FileKind("demo-filled", "", "when the demo's people were made", Erasure.NOT_PERSONAL, closed=False),
    FileKind("demo-used", "", "when the demo's use was made", Erasure.NOT_PERSONAL, closed=False),
    secret("django", "signs the marks in forms that protect them from other sites"),
    secret("demo", "the demo's password is made from it"),
    secret("client-*", "shared with the company's own application, which signs people in here"),
)


def register() -> None:
    """Declare them; called once at start."""
    register_files(*POSTGRESQL, *OWN)
