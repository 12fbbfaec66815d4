"""What releases store, table by table."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns, secret

RELEASES = (
    Table(
        Database.AVOW, "sharing_release",
        (
            *columns("id partner kind spec spec_sha state proposed_at reasons figures counted_at attempt attempt_at"),
            *columns("published_at table descriptor egress"),
            Column("proposed_by", Category.PSEUDONYM, "the officer who proposed it"),
        ),
        "releases", "releases to partners: a specification before, anonymous files after", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_approval",
        (*columns("id release_id spec_sha at"), Column("officer", Category.PSEUDONYM, "the officer who approved it")),
        "releases", "that two officers approved this very specification", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_budget", columns("dataset year"), "",
        "the row for which reservations of budget wait", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "sharing_spend",
        columns("id dataset year partner release spec_sha thousandths reserved_at committed_at"), "",
        "what was spent of the privacy budget, by which partner's release", Erasure.NOT_PERSONAL,
    ),
    Table(
        Database.AVOW, "sharing_handover",
        columns("token_sha release_id made_at ends_at revoked_at opened downloaded"), "",
        "links under which partners read what was released to them", Erasure.NOT_PERSONAL,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*RELEASES)
    catalogue.register_files(secret("sharing", "draws from people's visits which of them a release counts"))
