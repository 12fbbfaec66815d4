"""
The one door through which a request changes its state.

Why one: each move is checked against the table of moves under the row's lock,
and each writes its entry in the log in the same transaction, so there is no
state without its evidence and no evidence of a move that did not happen.

Holds:    a move that the table does not know is refused and nothing is written.
          A request's times never run backwards, even when the machine's clock does.
Assumes:  the caller's transaction; with none, the move is its own.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from avow.errors import Refused
from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.requests.entries import about
from avow.requests.models import Request
from avow.requests.states import Kind, State, may


class MoveRefused(Refused):
    """A request cannot go from where it stands to there."""

    code = "move-refused"


@transaction.atomic
def move(request: UUID, to: State, *, now: datetime, **also: Any) -> Request:
    """Move the request under its row's lock, setting `also` in the same update, and record it."""
    row = Request.objects.select_for_update().get(pk=request)
    if not may(Kind(row.kind), State(row.state), to):
        raise MoveRefused(f"A request that is {row.state} cannot become {to.value}; read its page for what is open.")
    step = f"{row.state} {to.value}"
    row.state = to.value
    row.moved_at = max(now, row.moved_at)
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "moved_at", *also])
    outbox.record(about(row, Act.REQUEST_MOVED, step, at=row.moved_at))
    return row
