"""
Write a request down, once: its clock, its own key, and its entry in the log.

Holds:    one open request of a kind for a person, also when two ask at the same moment: the
          person's row is locked, and the database's own constraint stands behind that.
          Request, entry and job commit together, so a request that was answered with a number is never lost.
          Who is unknown or already erased gets a refusal that says which, and nothing is written.
Assumes:  the request's own key is made in the other database; a crash leaves a key that seals nothing.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.errors import Erased
from avow.evidence import versions
from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.requests import clocks
from avow.requests.models import Request
from avow.requests.states import OPEN, Kind, State
from avow.vault import attesting, persons, subjects
from avow.vault.actor import Actor

ACTS = {Kind.ACCESS: Act.REQUEST_RECEIVED, Kind.ERASURE: Act.ERASURE_ASKED}


@transaction.atomic
def receive(
    kind: Kind,
    person: UUID,
    *,
    by: Actor,
    now: datetime,
    channel: str,
    then: Callable[[Request], object] = lambda _: None,
) -> Request:
    """Return the person's open request of this kind, writing one down when there is none; `then` commits with it."""
    if kind is Kind.ACCESS:
        not_being_erased(person)
    elif under_way := standing(kind, person):  # also when the key is gone and only the certificate is still to come
        return under_way
    persons.lock(person)
    if under_way := standing(kind, person):
        return under_way
    request = _write_down(kind, person, by=by, now=now, channel=channel)
    attesting.attest(person, ACTS[kind], promise=Promise.ACCESS_AND_ERASE, actor=by.kind.value, now=now)
    then(request)
    return request


def standing(kind: Kind, person: UUID) -> Request | None:
    """Return the person's open request of this kind."""
    return Request.objects.filter(kind=kind, person=person, state__in=OPEN).first()


def is_open(request: UUID) -> bool:
    """Whether a request still waits for its answer; holds for whoever has locked the person's row."""
    return Request.objects.filter(pk=request, state__in=OPEN).exists()


def not_being_erased(person: UUID) -> None:
    """Refuse to make a copy of what is going; holds until the transaction ends, since the person's row stays locked."""
    if persons.lock(person).erasing_since is not None:
        raise Erased("This person is being erased; the certificate will say what was held, and no new copy is made.")


def _write_down(kind: Kind, person: UUID, *, by: Actor, now: datetime, channel: str) -> Request:
    version = versions.in_force(now)
    return Request.objects.create(
        kind=kind,
        state=State.ASKED,
        person=person,
        subject=subjects.new_subject(now) if kind is Kind.ERASURE else None,
        asked_at=now,
        due_at=clocks.due(now, version),
        moved_at=now,
        asked_by=by.kind,
        channel=channel,
        policy=version.sha256,
    )
