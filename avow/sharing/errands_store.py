"""
Who received what of a person: the store of agents.

Holds:    an export lists every errand. Forgetting removes the rows and orders each agent that received something to
          delete; the orders name no person here, so they are not counted as the person's.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from avow.sharing import errands
from avow.sharing.errands_models import Errand
from avow.sharing.errands_queries import of_person
from avow.vault.stores import Exported, register_store


class AgentStore:
    """What agents received of a person."""

    name = "agents"
    title = "What agents received"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's signature
        """Return each errand: to whom, which fields, when, and what became of it."""
        rows = (
            {"to": line.name, "kind": line.kind, "fields": ", ".join(line.fields), "queued": line.queued_at,
             "state": line.state, "settled": line.settled_at}
            for line in of_person(person)
        )  # fmt: skip
        yield Exported("received-by", "Who received what", tuple(rows))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:
        """Order deletion and forget."""
        return errands.order_deletion(person, request=request, now=now)

    def count(self, person: UUID) -> int:
        """Count the errands about a person."""
        return Errand.objects.filter(person=person).count()


def register() -> None:
    """Register the store."""
    register_store(AgentStore())
