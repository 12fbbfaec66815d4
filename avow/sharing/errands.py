"""
Give agents their errands: a delivery, a correction, an order to delete.

Why a row of names and not of values: a copy that waits for an endpoint would be stale when its person corrects
themselves, and one more thing to find when they are erased. So the values are opened when the worker hands over.

Holds:    what is asked for is covered by one standing grant, and its person and the policy permit it, at this moment
          and again at the hand-over; otherwise nothing is queued and the caller is told. An agent that ever received a
          field is told when it is corrected, and every agent that received anything is told to delete.
          The worker is told the errand's number and nothing else.
Does not: carry anything (`errands_delivering`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import Erased, Refused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing import agents, errands_jobs
from avow.sharing.errands_models import Errand
from avow.sharing.errands_states import Kind, State
from avow.vault import catalogue, egress, opening, persons, pseudonyms
from avow.vault.actor import SERVICE

AFTER = 20  # seconds; an order to delete lets a delivery that is on its way arrive first


@keeps(Promise.AGENT_NECESSITY)
@transaction.atomic
def give(agent: UUID, person: UUID, fields: Collection[str], *, now: datetime) -> UUID:
    """Queue the delivery of these fields of a person to an agent; NoGrant when it may not have all of them."""
    agents.find(agent)
    names = sorted({catalogue.field(name).name for name in fields})
    if persons.lock(person).erasing_since:  # locked, so that an erasure waits for this errand and then forgets it
        raise Erased("This person is being erased; nothing goes to anybody any more.")
    may_have(agent, person, names, now=now)
    return _queue(Errand(agent=agent, kind=Kind.DELIVERY, person=person, fields=names), now)


@transaction.atomic
def correct(person: UUID, field: str, *, now: datetime) -> list[UUID]:
    """Tell each agent that ever received this field; one that may not have it any more gets nothing, on record."""
    return [
        _correct(agent, person, field, now) for agent in sorted(received(person)) if field in received(person)[agent]
    ]


@transaction.atomic
def order_deletion(person: UUID, *, request: UUID, now: datetime) -> int:
    """Forget the person's errands and order every agent that received something to delete; return how many rows."""
    list(Errand.objects.select_for_update().filter(person=person))  # a hand-over that is being written down ends first
    for agent, fields in received(person).items():
        try:
            told = pseudonyms.for_recipient(person, agent)
        except Erased:  # a restore forgets them again: nobody can say any more under which name the agent knows them
            continue
        order = Errand(agent=agent, kind=Kind.DELETION, request=request, pseudonym=told, fields=sorted(fields))
        if not Errand.objects.filter(agent=agent, request=request).exists():
            _queue(order, now)
    return Errand.objects.filter(person=person).delete()[0]


@transaction.atomic
def again(number: UUID) -> None:
    """Take up an errand that failed; a second click finds it waiting and changes nothing."""
    if Errand.objects.filter(pk=number, state=State.FAILED).update(state=State.WAITING, settled_at=None, tries=0):
        errands_jobs.deliver_soon(number)


def may_have(agent: UUID, person: UUID, names: Collection[str], *, now: datetime) -> dict[str, str]:
    """Return the values that the agent may have now; NoGrant, PurposeRefused or Erased otherwise."""
    egress.permit(agent, names, Purpose.AGENT_DELIVERY, now=now)
    return opening.open_fields(person, names, Purpose.AGENT_DELIVERY, by=SERVICE, now=now)


def received(person: UUID) -> dict[UUID, set[str]]:
    """Return which agents were handed which fields, counting what may have arrived although nobody answered."""
    found = dict[UUID, set[str]]()
    for agent, fields in _went(person):
        found.setdefault(agent, set()).update(fields)
    return found


def _went(person: UUID) -> Iterable[tuple[UUID, list[str]]]:
    return Errand.objects.filter(person=person, egress__isnull=False).values_list("agent", "fields")


def _correct(agent: UUID, person: UUID, field: str, now: datetime) -> UUID:
    errand = Errand(agent=agent, kind=Kind.CORRECTION, person=person, fields=[field])
    try:
        may_have(agent, person, [field], now=now)
    except Refused:
        errand.state, errand.settled_at = State.REFUSED, now
    return _queue(errand, now)


def _queue(errand: Errand, now: datetime) -> UUID:
    errand.id, errand.queued_at = uuid4(), now
    errand.save(force_insert=True)
    if errand.state == State.WAITING:
        errands_jobs.deliver_soon(errand.id, after=AFTER if errand.kind == Kind.DELETION else 0)
    return errand.id
