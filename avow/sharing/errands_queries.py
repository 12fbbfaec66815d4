"""What pages and certificates may ask about errands; fields by their names, never a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.sharing.errands_models import Errand
from avow.sharing.errands_states import Kind, State
from avow.vault.models import Recipient

NEWEST = 100  # errands on the desk's page


@dataclass(frozen=True)
class Line:
    """One errand with its agent's name; whose it is does not show."""

    id: UUID
    name: str
    kind: Kind
    state: State
    fields: tuple[str, ...]
    queued_at: datetime
    settled_at: datetime | None
    tries: int
    signed: bool


def of_person(person: UUID) -> list[Line]:
    """Return a person's errands, the newest first."""
    return _lines(Errand.objects.filter(person=person).order_by("-queued_at"))


def newest() -> list[Line]:
    """Return the newest errands of all: those that failed, those that wait, then the rest."""
    first = Errand.objects.filter(state__in=[State.FAILED, State.WAITING]).order_by("state", "-queued_at")[:NEWEST]
    rest = Errand.objects.exclude(state__in=[State.FAILED, State.WAITING]).order_by("-queued_at")[:NEWEST]
    return _lines([*first, *rest])


def orders(request: UUID) -> list[Line]:
    """Return the orders to delete that an erasure gave, by the agents' names."""
    return sorted(_lines(Errand.objects.filter(request=request)), key=lambda line: line.name)


def ever_sent(agent: UUID) -> set[str]:
    """Return the fields that were ever sent to an agent, as far as rows still tell."""
    return {
        name for fields in Errand.objects.filter(agent=agent, egress__isnull=False).values_list("fields", flat=True)
        for name in fields
    }  # fmt: skip


def _lines(rows: Iterable[Errand]) -> list[Line]:
    found = list(rows)
    names = dict(Recipient.objects.filter(pk__in={row.agent for row in found}).values_list("id", "name"))
    return [
        Line(
            row.id, names.get(row.agent, "an agent"), Kind(row.kind), State(row.state), tuple(row.fields),
            row.queued_at, row.settled_at, row.tries, row.signed,
        )
        for row in found
    ]  # fmt: skip
