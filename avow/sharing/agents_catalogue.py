"""What errands store, column by column."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns

AGENTS = (
    Table(
        Database.AVOW, "sharing_errand",
        (
            *columns("id agent kind state request fields queued_at settled_at tries egress receipt signed"),
            Column("person", Category.PSEUDONYM, "whose; none for an order to delete"),
            Column("pseudonym", Category.PSEUDONYM, "an agent's own name for who was erased, until it has answered"),
        ),
        "agents", "which fields which agent was told, and what became of it; no values", Erasure.DERIVED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*AGENTS)
