"""
What the log stores, and the queue of jobs: declared here for those who cannot see this register.

Why here: evidence is the room below and may not import the catalogue; the queue is a library's and
several rooms use it. The vault is the lowest room that can say it for them.

Holds:    jobs carry ids only: `args` names a request or a message by its number.
"""

from avow.policy.categories import Category
from avow.vault.catalogue import (
    Column,
    Database,
    Erasure,
    FileKind,
    Table,
    columns,
    register_files,
    register_tables,
    secret,
)

NOBODY = ""  # no store: nothing in it is a person's
OUTBOX = tuple(
    Table(database, "evidence_outbox", columns("id entry_id entry waiting_since"), NOBODY,
          "acts on their way to the log, as commitments", Erasure.NOT_PERSONAL)
    for database in Database
)  # fmt: skip
LOG = (
    *OUTBOX,
    Table(
        Database.AVOW, "evidence_leaf", columns("index entry_id entry hash"), NOBODY,
        "the log: acts with commitments that die with their person's key", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_tile", columns("level number hashes root"), NOBODY, "hashes", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_checkpoint", columns("size root at note"),
        NOBODY, "signed sizes", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_statement", columns("entry_id kind body"), NOBODY,
        "bodies of certificates and manifests: they name nobody", Erasure.TOKEN,
    ),
    Table(
        Database.AVOW, "evidence_policyversion",
        columns("number sha256 parent raw effective_date published_at published_by entry_id"), NOBODY,
        "every policy ever published", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_policybinding", columns("id version_id sha256 clauses bound_at"), NOBODY,
        "tables of clauses", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_checkresult", columns("check_name at why since took_ms"), NOBODY,
        "the newest result of each live check", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "evidence_checkday", columns("id check_name day held failed why"), NOBODY,
        "how often each check held, by day", Erasure.AGGREGATE,
    ),
    Table(
        Database.AVOW, "evidence_attestation", columns("id promise who statement at until entry_id"), NOBODY,
        "offices that answer for what no machine can test", Erasure.NOT_PERSONAL,
    ),
)  # fmt: skip
JOB = "id queue_name task_name priority lock queueing_lock status scheduled_at attempts abort_requested worker_id"
JOBS = (
    Table(
        Database.AVOW, "procrastinate_jobs",
        (*columns(JOB), Column("args", Category.PSEUDONYM, "the number of a request or a message")),
        NOBODY, "work that waits", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "procrastinate_periodic_defers", columns("id task_name defer_timestamp job_id periodic_id"),
        NOBODY, "when periodic work was last begun", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "procrastinate_events", columns("id job_id type at"),
        NOBODY, "what became of work", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "procrastinate_workers", columns("id last_heartbeat"),
        NOBODY, "who does the work", Erasure.NOT_PERSONAL,
    ),
)  # fmt: skip


LOG_FILES = (
    secret("log", "signs the log's checkpoints"),
    FileKind(
        "log.vkey", NOBODY, "the log's public key, to be kept elsewhere as well", Erasure.NOT_PERSONAL, closed=False
    ),
)


def register() -> None:
    """Declare them; called once at start."""
    register_tables(*LOG, *JOBS)
    register_files(*LOG_FILES)
