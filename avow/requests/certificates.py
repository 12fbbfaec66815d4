"""
Read a certificate, or the progress of an erasure, by its public number.

Why the number alone is enough: it is 128 random bits, and a person who was erased has no account
to sign in to. The page names nobody, so whoever is shown the number learns only what the
person chose to show.

Holds:    the same answer for a number that is malformed and for one that never was.
          The statement's bytes are the same each time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.errors import BeingRecorded, NotFound
from avow.evidence import receipts, statements
from avow.requests.models import Request, StoreAck
from avow.requests.states import Kind, State
from avow.sharing import errands_queries
from avow.sharing.errands_queries import Line
from avow.vault import old_copies
from avow.vault.old_copies import OldCopies

NUMBER = re.compile("[0-9a-f]{32}")  # 128 bits


@dataclass(frozen=True)
class StoreLine:
    """What one store held, and when it had forgotten; no time yet means that its turn is to come."""

    store: str
    title: str
    rows: int
    forgotten_at: datetime | None


@dataclass(frozen=True)
class Certificate:
    """A request as its public page shows it."""

    number: str
    kind: Kind
    state: State
    asked_at: datetime
    due_at: datetime
    moved_at: datetime
    asked_by: str
    channel: str
    policy: str
    stores: tuple[StoreLine, ...]
    entry: UUID | None
    index: int | None  # the entry's number in the log, once it has one
    statement: bytes | None  # what is downloaded and verified
    told: tuple[Line, ...] = ()  # agents that were told to delete, as it stands now
    copies: OldCopies | None = None  # of the key database, from before the erasure

    @property
    def done(self) -> int:
        """How many stores have forgotten."""
        return sum(line.forgotten_at is not None for line in self.stores)


def read(number: str) -> Certificate:
    """Return the request of this number with its certificate, if that can be read already."""
    row = Request.objects.filter(number=number).first() if NUMBER.fullmatch(number) else None
    if row is None:
        raise NotFound("There is no certificate by that number; check that all 32 characters were copied.")
    found = receipts.receipt(row.statement) if row.statement else None
    return Certificate(
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        asked_at=row.asked_at,
        due_at=row.due_at,
        moved_at=row.moved_at,
        asked_by=row.asked_by,
        channel=row.channel,
        policy=row.policy,
        stores=_lines(row.acks.all()),
        entry=row.statement,
        index=found.index if found else None,
        statement=_statement(row),
        told=tuple(errands_queries.orders(row.pk)),
        copies=old_copies.of(row.pk),
    )


def _lines(acks: Iterable[StoreAck]) -> tuple[StoreLine, ...]:
    return tuple(StoreLine(ack.store, ack.title, ack.rows, ack.acknowledged_at) for ack in acks)


def _statement(row: Request) -> bytes | None:
    """Return the statement, or None while it is being recorded; an export's is kept nowhere."""
    if row.statement is None or Kind(row.kind) is Kind.ACCESS:
        return None
    try:
        return statements.render(row.statement)
    except BeingRecorded:
        return None
