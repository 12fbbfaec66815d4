"""What errands and notices of a sign-out store, column by column."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns, secret

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
    Table(
        Database.AVOW, "sharing_logoutnotice",
        (
            *columns("id client_id tries"),
            Column("sub", Category.PSEUDONYM, "an application's own name for who signed out, until it has answered"),
            Column("sid", Category.PSEUDONYM, "the browser's session there"),
            Column("at", Category.SIGN_IN_RECORD, "when"),
        ),
        "", "applications that must still be told that somebody left; no person of ours", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_disclosure",
        (
            *columns("id recipient kind basis fields since until state drafted_at moved_at withheld_until"),
            *columns("grant egress digest hold"),
            Column("person", Category.PSEUDONYM, "whose; emptied at erasure"),
            Column("sealed_note", Category.REQUEST, "why it is necessary, under the person's key"),
            Column("sealed_package", Category.USER, "what will be handed over"),
            Column("drafted_by", Category.PSEUDONYM, "an officer, by their own number"),
            Column("approved_by", Category.PSEUDONYM, "a second officer"),
        ),
        "disclosures", "cases of the law; who signed, which fields, what became of it", Erasure.SEALED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*AGENTS)
    catalogue.register_files(secret("webhook-*", "shared with one agent, which knows by it that an errand is ours"))
