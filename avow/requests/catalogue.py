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
    Table(
        Database.AVOW, "requests_case",
        (
            *columns("id number outcome due_at moved_at answered_at closed_at way policy"),
            Column("kind", Category.REQUEST, "what it is about"),
            Column("state", Category.REQUEST, "where it stands"),
            Column("received_at", Category.REQUEST, "when it came"),
            Column("person", Category.PSEUDONYM, "whose; emptied when they are erased"),
            Column("subject", Category.PSEUDONYM, "the key of its own of an unknown sender's case"),
            Column("sender", Category.PSEUDONYM, "blind index of an unknown sender's address; emptied with its key"),
        ),
        "cases", "wishes and questions that came, and how they ended", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "requests_casemessage",
        (
            *columns("id case_id writer at"),
            Column("sealed", Category.CONTENT, "what was said in a case"),
        ),
        "cases", "what was said in cases", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "requests_digest", columns("month reached told begun_at ended_at"), "",
        "of which months people were told how they used the service", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "requests_unusedaccount",
        (
            *columns("erase_at erased"),
            Column("person", Category.PSEUDONYM, "whose account lies unused"),
            Column("told_at", Category.SIGN_IN_RECORD, "when they were told"),
        ),
        "requests", "unused accounts whose people were told that they will be erased", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "requests_flag",
        (
            *columns("id reference put_at decided_at"),
            Column("person", Category.PSEUDONYM, "whose account an officer looks at"),
            Column("kind", Category.REQUEST, "a child's, it seems, or of somebody who died"),
            Column("put_by", Category.PSEUDONYM, "who of the desk, by their own number"),
            Column("decision", Category.REQUEST, "what an officer said"),
            Column("decided_by", Category.PSEUDONYM, "the officer, by their own number"),
        ),
        "requests", "accounts that an officer looks at before anything more is done with them", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "requests_confirmation", columns("id case_id digest ends_at used_at"), "cases",
        "links that wait for their button, by their hash", Erasure.DERIVED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*REQUESTS)
