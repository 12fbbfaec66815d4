"""
Erase a person: ask, then push until nothing is left but a certificate.

Why in small durable steps: the work spans two databases and every room, so no one
transaction can hold it. What will be needed later is sealed under the request's own
key before anything is destroyed; each store then answers with a row of its own; the
person's key goes after the last store, and the request's own key last of all.

Holds:    killed anywhere, the next push goes on and ends the same. Two pushes at once
          do no harm. A store that fails keeps the request open, and the others stay done.
          A second wish of a person whose erasure is under way is the same request.
Assumes:  a store's `forget` may be repeated; `vault.erasure.erase` is idempotent for a
          request; the log takes entries up (waiting for it never blocks: push returns).
Does not: look for survivors outside the stores that are registered, or reach backups of
          the key store from before the erasure. The certificate says both.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.errors import NotFound
from avow.policy.promises import Promise, keeps
from avow.requests import receiving, saga
from avow.requests.jobs import push_soon
from avow.requests.models import Request
from avow.requests.states import Kind, State
from avow.requests.turns import turn
from avow.vault.actor import Actor

STEPS = {State.ASKED: saga.begin, State.ERASING: saga.forget_next, State.ERASED: saga.certify}


@dataclass(frozen=True)
class Progress:
    """Where a request stands after a push, and what it waits for, if it does."""

    request: UUID
    number: str
    state: State
    waiting: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the certificate can be read."""
        return self.state is State.COMPLETE


def ask(person: UUID, *, by: Actor, now: datetime, channel: str = "web") -> Request:
    """Write down the wish to be erased and start its clock; a person whose erasure is open gets that same request."""
    return receiving.receive(Kind.ERASURE, person, by=by, now=now, channel=channel, then=lambda row: push_soon(row.pk))


@keeps(Promise.ACCESS_AND_ERASE)
def push(request: UUID, *, now: datetime) -> Progress:
    """Carry an erasure as far as it goes now; asking again is always right, also after its end."""
    with turn(request) as mine:
        row = find(request)
        while mine and row.is_open:
            if waiting := STEPS[State(row.state)](row, now=now):
                return Progress(request, row.number, State(row.state), waiting)
            row = find(request)
    return Progress(
        request, row.number, State(row.state), "another push, which is at work on it" if row.is_open else None
    )


def find(request: UUID) -> Request:
    """Return the erasure of this id."""
    row = Request.objects.filter(pk=request, kind=Kind.ERASURE).first()
    if row is None:
        raise NotFound("There is no erasure by that id.")
    return row
