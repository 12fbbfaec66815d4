"""
Open what a hold keeps: for the law, under a hold that stands, and for nothing else.

Holds:    every other purpose is refused before anything is looked at, a right of its person too: who was erased has
          nothing here that could be shown to them. The gate is asked all the same, so that a policy that no longer
          names legal process closes holds as well. Staff open for the law under a case of theirs, which is for the
          hold's own key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from avow.errors import Erased, HeldByLaw
from avow.policy.purposes import Purpose
from avow.vault import gate, holds_moving, holds_sealing, persons, staff_openings
from avow.vault.actor import Actor
from avow.vault.forms import Form
from avow.vault.models import HeldField, Hold

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """One value that a hold keeps."""

    value: str
    origin: str  # of models.Origin
    since: datetime
    until: datetime | None  # None: it was current when its person was erased


def open_held(hold: UUID, field: str, purpose: Purpose, *, by: Actor, now: datetime) -> str | None:
    """Return the newest value that is kept of a field; HeldByLaw unless it is for the law, Erased after the end."""
    found = history_held(hold, field, purpose, by=by, now=now)
    return found[0].value if found else None


def history_held(hold: UUID, field: str, purpose: Purpose, *, by: Actor, now: datetime) -> list[Held]:
    """Return every value that is kept of a field, the newest first; the same refusals."""
    if purpose is not Purpose.LEGAL:
        raise HeldByLaw("This is kept because of a legal duty, and opens for nothing else until that ends.")
    row = holds_moving.find(hold, by=by.id)
    if not holds_moving.stands(row, now=now):
        raise Erased("This hold keeps nothing: it has ended, or was not confirmed by a second officer.")
    rows = list(HeldField.objects.filter(hold=row, field=field))
    return [] if not rows else _open(row, rows, field, purpose, by=by, now=now)


def _open(
    hold: Hold, rows: list[HeldField], field: str, purpose: Purpose, *, by: Actor, now: datetime
) -> list[Held]:  # fmt: skip
    assert hold.subject is not None, "a hold that stands has a key"
    case = staff_openings.ask(hold.subject, [field], purpose, by=by, now=now)  # no case can be opened on who is erased
    own = holds_sealing.key(persons.key_of(hold.subject))
    gate.permit(hold.subject, sorted({(gate.HELD + field, row.policy) for row in rows}), purpose, now=now)
    opened = [
        Held(holds_sealing.unseal(own, row).decode(), row.origin, row.collected_at, row.superseded_at) for row in rows
    ]
    if case is not None:
        staff_openings.write(hold.subject, case, Form.WHOLE, now=now)
    return sorted(opened, key=lambda one: (one.until or LAST, one.since, one.origin), reverse=True)
