"""What the register of incidents stores, column by column."""

from avow.policy.categories import Category
from avow.vault import catalogue
from avow.vault.catalogue import Column, Database, Erasure, Table, columns

OFFICER = "an officer, by their own number"
SAID = "under the incident's own key, which is nobody's"
INCIDENTS = (
    Table(
        Database.AVOW, "sharing_incident",
        (
            *columns("id key kind happened_from happened_until estimated aware_at due_at stage authority people risk"),
            *columns("fields records registered_at moved_at closed_at gone_told gone_untold"),
            Column("registered_by", Category.PSEUDONYM, OFFICER),
        ),
        "incidents", "what went wrong with people's data, since when it is known, what was decided", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_incidentnote",
        (
            *columns("id incident_id topic at"),
            Column("sealed", Category.USER, f"what an officer wrote, {SAID}"),
            Column("by", Category.PSEUDONYM, OFFICER),
        ),
        "incidents", "what officers wrote about incidents", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "sharing_incidentdecision",
        (
            *columns("id incident_id step reason_id proposed_at agreed_at dropped_at"),
            Column("first", Category.PSEUDONYM, OFFICER), Column("second", Category.PSEUDONYM, "another officer"),
        ),
        "incidents", "what two officers decided about incidents", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_incidentfiling",
        (
            *columns("id incident_id phase digest told_at late at"),
            Column("sealed", Category.USER, f"what the authority was told, in numbers and kinds, {SAID}"),
            Column("by", Category.PSEUDONYM, OFFICER),
        ),
        "incidents", "what the authority was told of incidents, and when", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "sharing_incidentscope",
        (
            *columns("id incident_id kind recipient fields added_at looked_at beyond begun_at done_at"),
            Column("officer", Category.PSEUDONYM, "whose openings were looked at"),
            Column("added_by", Category.PSEUDONYM, OFFICER),
            Column("reached", Category.PSEUDONYM, "up to which number a look has come"),
        ),
        "incidents", "where it was looked for the people whom incidents touched", Erasure.DERIVED,
    ),
    Table(
        Database.AVOW, "sharing_incidentletter",
        (
            *columns("id incident_id begun_at done_at"),
            Column("sealed", Category.USER, f"what people are told, {SAID}"),
            Column("by", Category.PSEUDONYM, OFFICER),
        ),
        "incidents", "notices of incidents to the people whom they touched", Erasure.SEALED,
    ),
    Table(
        Database.AVOW, "sharing_affected",
        (
            *columns("id incident_id scope found_at letter told_at mailed_at shown_at bounced_at"),
            Column("person", Category.PSEUDONYM, "whom it touched"),
        ),
        "incidents", "which persons an incident touched, and whether they know", Erasure.DERIVED,
    ),
)  # fmt: skip


def register() -> None:
    """Declare it all; called once at start."""
    catalogue.register_tables(*INCIDENTS)
