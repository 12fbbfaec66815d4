"""What was handed over about a person because the law asked: the store of cases."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from avow.sharing import disclosures_telling
from avow.vault.stores import Exported, register_store


class DisclosureStore:
    """Cases of the law, as far as their person may be told."""

    name = "disclosures"
    title = "What was handed over by law"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's signature
        """Return the cases that the person was told of."""
        rows = (
            {"to": authority, "basis": row.basis, "fields": ", ".join(row.fields), "since": row.since,
             "until": row.until, "told": row.moved_at}
            for row, authority in disclosures_telling.told(person)
        )  # fmt: skip
        yield Exported("disclosures", "What was handed over because the law asked", tuple(rows))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Let the cases go on without the person."""
        return disclosures_telling.forget(person, now=now)

    def count(self, person: UUID) -> int:
        """Count them."""
        return disclosures_telling.count(person)


def register() -> None:
    """Register the store."""
    register_store(DisclosureStore())
