"""What requests store, table by table."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns

REQUESTS = (
    Table(
        Database.AVOW, "requests_request",
        (
            *columns("id number due_at moved_at asked_by channel policy statement"),
            Column("kind", Category.REQUEST, "what was asked for"),
            Column("state", Category.REQUEST, "where it stands"),
            Column("asked_at", Category.REQUEST, "when"),
            Column("person", Category.PSEUDONYM, "whose; emptied when it closes"),
            Column("subject", Category.PSEUDONYM, "the request's own key; destroyed, then emptied, when it closes"),
            Column("sealed", Category.REQUEST, "counts and clauses for the certificate, under the request's own key"),
        ),
        "requests", "what people asked for; the accountable half stays and names nobody", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "requests_storeack", columns("id request_id store title state place rows acknowledged_at"), "",
        "what each store held and when it had forgotten, by erasure", Erasure.NOT_PERSONAL,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*REQUESTS)
