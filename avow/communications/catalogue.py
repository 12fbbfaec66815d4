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
    Table(
        Database.AVOW, "communications_incoming",
        (
            *columns("id digest state reason answered came_at"),
            Column("sender", Category.PSEUDONYM, "blind index of the sender's address, for limits; removed in a month"),
            Column("person", Category.PSEUDONYM, "whose key seals it while it waits"),
            Column("subject", Category.PSEUDONYM, "the key of its own of a mail from somebody unknown"),
            Column("sealed", Category.CONTENT, "who wrote, subject and text; emptied when it is taken up"),
        ),
        "incoming", "mails that came and wait to be taken up", Erasure.SEALED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*COMMUNICATIONS)
