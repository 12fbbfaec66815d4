"""
What is collected automatically, column by column: the two tables, and the files of spool and lake beside them.

Holds:    what an event may say is declared here once: `forms` makes decoders of it, `rows` and `lake` columns, and
          docs/reference/collector.md names each. What is not here does not come in.
"""

from dataclasses import dataclass
from typing import Any, Literal

from avow.policy.categories import Category
from avow.usage.wire import Address, Moment, Name, Status
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


@dataclass(frozen=True)
class Said:
    """One thing that an event says: how it is sent, and the column in which what is kept of it rests."""

    form: Any  # of what is sent
    column: Column
    is_required: bool = False

    @property
    def name(self) -> str:
        """How it is called, on its way and in the lake."""
        return self.column.name


EVENT = (
    Said(Literal["page", "feature"], Column("kind", None, "page or feature"), is_required=True),
    Said(
        Address,
        Column("page", Category.PAGE_VIEW, "the page's path as a template: no query, no numbers, no addresses"),
        is_required=True,
    ),
    Said(Name, Column("feature", Category.FEATURE_USE, "the feature's declared name")),
    Said(Status, Column("status", None, "how the page was answered")),
    Said(Moment, Column("at", None, "when, by the sender's clock if that is right, else by ours")),
    Said(Address, Column("referrer", Category.PAGE_VIEW, "from which site of a list somebody came, or other")),
)
PROPERTIES = Column("properties", Category.FEATURE_USE, "what AVOW_PROPERTIES declares and the policy names, as JSON")
LAKE = (
    Column("pid", Category.PSEUDONYM, "the person's name for that one day, or a random number"),
    Column("ctx", Category.PSEUDONYM, "the number of a sealed context, or 0"),
    Column("browser", Category.USER_AGENT, "the family only; rare ones are one"),
    *(said.column for said in EVENT),
    PROPERTIES,
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
