"""
The steps of an erasure; `erasing.push` walks them.

Each step ends in one commit, and each says what a crash inside it leaves. A step returns
None when the next may begin, or a sentence about what it waits for.

Holds:    `erased` is reached only when every registered store counts nothing about the person
          and their key is punctured; `complete` only when the certificate can be read.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import BeingRecorded, NotYet
from avow.evidence import outbox, statements, versions
from avow.evidence.acts import Act
from avow.people import deletion
from avow.policy.promises import Promise, keeps
from avow.requests import certifying, planning
from avow.requests.entries import about
from avow.requests.models import Request, StoreAck
from avow.requests.moving import move
from avow.requests.states import State
from avow.vault import erasure
from avow.vault.actor import SERVICE
from avow.vault.stores import Store


class StoreStillHolds(NotYet):
    """A store said that it forgot, and still counts something."""

    code = "store-still-holds"


def begin(row: Request, *, now: datetime) -> None:
    """Freeze the person, count what each store holds, seal what the certificate will say; a crash leaves `asked`."""
    person, subject = whose(row)
    with transaction.atomic():
        erasure.begin(person, now=now)
        plan = planning.draw(person, versions.read(row.policy))
        _open_acks(row, plan.stores)
        deletion.suspend(person)
        deletion.end_sessions(person)
        move(row.pk, State.ERASING, now=now, sealed=planning.seal(plan, subject))


@keeps(Promise.ACCESS_AND_ERASE)
def forget_next(row: Request, *, now: datetime) -> None:
    """Let the next store forget; a crash leaves it to be asked again. When all have, destroy the key."""
    person, _ = whose(row)
    _open_acks_of_newcomers(row, person)
    ack = row.acks.filter(state="holding").first()
    if ack is None:
        return _destroy_key(row, person, now=now)
    store = planning.store_called(ack.store)
    store.forget(person, request=row.pk, now=now)
    _must_hold_nothing(store, person)
    _acknowledge(ack, row, now=now)
    return None


def certify(row: Request, *, now: datetime) -> str | None:
    """Issue the certificate when the log has the destroyed key's number, and close when it can be read."""
    person, subject = whose(row)
    try:
        statements.render(row.statement or certifying.issue(row, person, subject, now=now))
    except BeingRecorded:
        return "the log, which is taking up the certificate"
    erasure.erase(subject, request=subject, asked_by=SERVICE, now=now)  # a crash after this: the same again, no effect
    move(row.pk, State.COMPLETE, now=now, person=None, subject=None, sealed=None)
    return None


def _open_acks(row: Request, held: Iterable[planning.Held]) -> None:
    """Give every store that has none its row for this erasure."""
    known = set(row.acks.values_list("store", flat=True))
    StoreAck.objects.bulk_create(
        StoreAck(request=row, store=store.store, title=store.title, place=place, rows=store.rows)
        for place, store in enumerate(held)
        if store.store not in known
    )


def _must_hold_nothing(store: Store, person: UUID) -> None:
    """Count again after forgetting: a store's word alone is not enough."""
    if left := store.count(person):
        raise StoreStillHolds(
            f"The store {store.name} still counts {left} rows after it forgot; look there, then push again."
        )


def _open_acks_of_newcomers(row: Request, person: UUID) -> None:
    """Ask a store that was installed after the plan as well."""
    known = set(row.acks.values_list("store", flat=True))
    if any(store.name not in known for store in planning.in_order()):
        _open_acks(row, planning.counts(person))


@transaction.atomic
def _acknowledge(ack: StoreAck, row: Request, *, now: datetime) -> None:
    """Write the store's answer and its entry in the log."""
    ack.state, ack.acknowledged_at = "forgotten", max(now, row.moved_at)
    ack.save(update_fields=["state", "acknowledged_at"])
    outbox.record(about(row, Act.STORE_FORGOT, f"{ack.store} {ack.rows}", at=ack.acknowledged_at))


def _destroy_key(row: Request, person: UUID, *, now: datetime) -> None:
    """Puncture the person's key; a crash after it finds the same puncture again by the request's number."""
    _forget_what_came_since(row, person, now=now)
    erasure.erase(person, request=row.pk, asked_by=SERVICE, now=now)
    move(row.pk, State.ERASED, now=now)


def _forget_what_came_since(row: Request, person: UUID, *, now: datetime) -> None:
    """Count every store once more: what somebody wrote after a store acknowledged goes before the key does."""
    for store in planning.in_order():
        if store.count(person):
            store.forget(person, request=row.pk, now=now)
            _must_hold_nothing(store, person)


def whose(row: Request) -> tuple[UUID, UUID]:
    """Return the person and the request's own key of an erasure that is still open."""
    assert row.person is not None, "an open request names its person"
    assert row.subject is not None, "an open erasure has a key of its own"
    return row.person, row.subject
