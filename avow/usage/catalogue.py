"""
What is collected automatically, column by column: the two tables, and the lake beside them.

Holds:    the lake's columns are declared here as well, and `rows` builds files from this list alone.
"""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns

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


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*USAGE)
