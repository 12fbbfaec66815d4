"""
What is collected automatically, column by column: the two tables, and the files of spool and lake beside them.

Holds:    the lake's columns are declared here as well, and `rows` builds files from this list alone.
"""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, FileKind, Table, columns, secret

USAGE = (
    Table(
        Database.AVOW, "usage_browser",
        (
            *columns("since last_day"),
            Column("person", Category.PSEUDONYM, "a random number; gone once forgotten"),
            Column("cookie", Category.COOKIE_ID, "a keyed hash of the browser's cookie"),
        ),
        "usage", "browsers without account, each a person of its own", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "usage_context",
        (
            *columns("id day"),
            Column("person", Category.PSEUDONYM, "whose key seals it"),
            Column("sealed", Category.IP_ADDRESS, "IP address, device, cookie and user agent"),
        ),
        "usage", "what a browser or device sent along with its events", Erasure.SEALED,
    ),
)  # fmt: skip
LAKE = (
    Column("at", None, "when, by the sender's clock if that is right, else by ours"),
    Column("pid", Category.PSEUDONYM, "the person's name for that one day, or a random number"),
    Column("ctx", Category.PSEUDONYM, "the number of a sealed context, or 0"),
    Column("kind", None, "page or feature"),
    Column("page", Category.PAGE_VIEW, "the page's path as a template: no query, no numbers, no addresses"),
    Column("feature", Category.FEATURE_USE, "the feature's declared name"),
    Column("browser", Category.USER_AGENT, "the family only; rare ones are one"),
    Column("status", None, "how the page was answered"),
)


FILES = (
    FileKind("usage/spool/*.open", "usage", "events on their way, sealed; they wait for a minute", Erasure.SEALED),
    FileKind("usage/spool/*.closed", "usage", "such a file, about to be worked up", Erasure.SEALED),
    FileKind("keys/segments/*.key", "", "one key a segment, destroyed once its events are in", Erasure.NOT_PERSONAL),
    FileKind(
        "usage/lake/day=*/*.parquet", "usage", "one row an event, under a name that its person has for that day only",
        Erasure.DERIVED,
    ),
    FileKind("usage/lake/manifest-*.json", "", "which files of the lake count", Erasure.NOT_PERSONAL),
    FileKind("usage/lake/.manifest.*.tmp", "", "the next such list while it is written", Erasure.NOT_PERSONAL),
    FileKind("usage/lake/*.batches", "", "random numbers of the last hour's batches, so that none counts twice",
             Erasure.NOT_PERSONAL),
    FileKind("usage/spool/.lock", "", "who appends, and who closes", Erasure.NOT_PERSONAL),
    FileKind("usage/lake/.lock", "", "who changes the lake", Erasure.NOT_PERSONAL),
    FileKind("usage/check-*/**", "", "a live check's own place, with a canary, for a moment", Erasure.NOT_PERSONAL),
    secret("browsers", "the cookies of browsers without account are hashed with it"),
    secret("host", "the company's own server shows it when it calls Avow"),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*USAGE)
    catalogue.register_files(*FILES)
