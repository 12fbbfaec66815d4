"""What messages store, table by table, and the folder into which mails are put."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, FileKind, Table, columns, secret

COMMUNICATIONS = (
    Table(
        Database.AVOW, "communications_outgoing",
        (
            *columns("id kind channel queued_at ends_at campaign not_before tries doubtful run taken_at"),
            Column("person", Category.PSEUDONYM, "whose key seals the message"),
            Column("sealed", Category.CONTACT, "address or number, subject and text"),
        ),
        "messages", "messages that wait to go out; removed when they went", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "communications_ledger",
        columns("message kind letter state reason channel campaign queued_at settled_at"), "",
        "that a message of a kind went, or why not; names nobody", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "communications_kept",
        (
            *columns("message kind campaign at read_at ends_at"),
            Column("person", Category.PSEUDONYM, "whose account shows it"),
            Column("sealed", Category.CONTACT, "subject and text"),
        ),
        "messages", "messages in people's accounts, and that one was stopped; ends by itself", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "communications_switch",
        (
            *columns("id kind way off_since on_again_at"),
            Column("person", Category.PSEUDONYM, "who chose"),
        ),
        "messages", "which messages a person switched off, and since when", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "communications_bounce",
        (
            *columns("id severity status day at lifted_at"),
            Column("person", Category.PSEUDONYM, "to whom mail came back"),
            Column("mac", Category.PSEUDONYM, "keyed hash of the address that it is about"),
        ),
        "messages", "that mail to a person's address came back, or was called spam", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "communications_suppression", columns("mac since"), "",
        "that an erased person's address is not to be written to: a keyed hash that nobody can read without its "
        "secret; outlives the person so that the wish does", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "communications_campaign",
        columns(
            "id topic subject text composed_at started_at ended_at reached handled moved_at came_back "
            "called_spam judged_from stopped_at stopped_for"
        ), "", "what the company wrote to all about a topic; its own words", Erasure.NOT_PERSONAL,
    ),
    # Announcements and notices of a changed policy
    Table(
        Database.AVOW, "communications_nexttext",
        columns("id text clauses announcement put_by put_at state settled_by settled_at"), "",
        "texts of the policy that wait for a second officer, or did; officers by their own numbers",
        Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "communications_announcement", columns("id kind title text version published_at"), "",
        "what was told to everybody on the site", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "communications_policynotice",
        (
            Column("person", Category.PSEUDONYM, "who is owed the notice"),
            *columns("id version effective_at due_at mailed_at account_at bounced_at shown_at shown_as shown_by"),
            *columns("accepted_at accepted_by receipt"),
        ),
        "policy-notices", "who was told of which version, when and by which way", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "communications_renderednotice", columns("sha256 version locale channel content first_at"), "",
        "notices of changes of the policy as they were rendered, the same to everybody", Erasure.NOT_PERSONAL,
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


FILES = (
    FileKind(
        "mail/in/*", "incoming", "mails as other programs put them here, until they are sealed a second later",
        Erasure.PASSING, closed=False,
    ),
    FileKind(
        "mail/journal/*", "", "which messages a run is handing over, by their numbers; removed when the run is settled",
        Erasure.NOT_PERSONAL,
    ),
    FileKind("mail/provider-heard", "", "when the mail provider last told what became of mail", Erasure.NOT_PERSONAL),
    secret("messages", "seals codes that go to an address which is nobody's yet"),
    secret("mailbox", "mails that came are recognised by a hash keyed with it"),
    secret("suppression", "addresses that want no mail are kept as hashes keyed with it"),
    secret("bounce", "return paths are sealed, and addresses that are dead known by a hash, with it"),
    secret("unsubscribe", "the links that end messages are made with it"),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*COMMUNICATIONS)
    catalogue.register_files(*FILES)
