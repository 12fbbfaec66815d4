"""What messages store, table by table."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns

COMMUNICATIONS = (
    Table(
        Database.AVOW, "communications_outgoing",
        (
            *columns("id kind queued_at ends_at"),
            Column("person", Category.PSEUDONYM, "whose key seals the message"),
            Column("sealed", Category.CONTACT, "address, subject and text"),
        ),
        "messages", "messages that wait to go out; removed when they went", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "communications_ledger", columns("message kind letter state queued_at settled_at"), "",
        "that a message of a kind went, or why not; names nobody", Erasure.NOT_PERSONAL,
    ),
    # Announcements and notices of a changed policy
    Table(
        Database.AVOW, "communications_announcement", columns("id kind title text version published_at"), "",
        "what was told to everybody on the site", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "communications_policynotice",
        (
            Column("person", Category.PSEUDONYM, "who is owed the notice"),
            *columns("id version effective_at due_at mailed_at account_at shown_at accepted_at"),
        ),
        "policy-notices", "who was told of which version, when and by which way", Erasure.DERIVED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*COMMUNICATIONS)
