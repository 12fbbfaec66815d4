"""
Who may receive anything from here, and what each was granted.

Why in the vault: the egress gate reads it at every send, and the rooms that write it stand above.

Holds:    a recipient is an agent, a partner or an authority; there is no other kind, so nobody can be a buyer.
          A grant names what may go, for which purpose and promise, under which contract and until when.
          Adding, changing and ending leave entries in the log.
Does not: send anything (`egress` permits; the rooms above carry it).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput, NotFound
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import governing
from avow.vault.models import Recipient, RecipientGrant, RecipientKind

__all__ = ["RecipientKind", "add", "end", "end_grant", "find", "grant", "standing"]
ADDED = {
    RecipientKind.AGENT: Act.AGENT_ADDED,
    RecipientKind.PARTNER: Act.PARTNER_ADDED,
    RecipientKind.AUTHORITY: Act.AUTHORITY_NAMED,
}
PROMISE = {
    RecipientKind.AGENT: Promise.AGENT_REGISTER,
    RecipientKind.PARTNER: Promise.SHARING_LIMIT,
    RecipientKind.AUTHORITY: Promise.LEGAL_DISCLOSURE,
}


@transaction.atomic
def add(kind: RecipientKind, name: str, facts: Mapping[str, str], *, now: datetime) -> UUID:
    """Name somebody who may receive something once a grant says what; return their number."""
    if not name.strip() or Recipient.objects.filter(name=name).exists():
        raise BadInput("A recipient needs a name that no other has; look in the register for who is there already.")
    made = Recipient.objects.create(id=uuid4(), kind=kind, name=name, facts=dict(facts), since=now)
    _record(ADDED[kind], PROMISE[kind], now)
    return made.id


@transaction.atomic
def grant(
    recipient: UUID,
    what: Iterable[str],
    purpose: Purpose,
    promise: Promise,
    *,
    contract: str,
    until: datetime,
    now: datetime,
) -> UUID:
    """Grant these fields or releases for a purpose that the policy in force names; return the grant's number."""
    names = sorted(set(what))
    if not names or not contract.strip() or until <= now:
        raise BadInput("A grant names what may go, the contract that it rests on, and a day to come on which it ends.")
    if purpose not in governing.in_force(now).bound.purposes:
        raise BadInput("The policy in force does not name this purpose, so nothing can be granted for it.")
    row = find(recipient)
    made = RecipientGrant.objects.create(
        id=uuid4(), recipient=row, what=names, purpose=purpose, promise=promise, contract=contract, since=now,
        until=until,
    )  # fmt: skip
    _record(Act.GRANT_GIVEN, promise, now)
    return made.id


@transaction.atomic
def end_grant(number: UUID, *, now: datetime) -> None:
    """End one grant; ending it twice changes nothing."""
    ended = RecipientGrant.objects.filter(pk=number, ended_at=None).update(ended_at=now)
    if ended:
        _record(Act.GRANT_ENDED, Promise.SHARING_LIMIT, now)


@transaction.atomic
def end(recipient: UUID, *, now: datetime) -> None:
    """End everything with a recipient; ending it twice changes nothing."""
    if Recipient.objects.filter(pk=recipient, ended_at=None).update(ended_at=now):
        RecipientGrant.objects.filter(recipient=recipient, ended_at=None).update(ended_at=now)
        _record(Act.AGENT_STOPPED, Promise.SHARING_LIMIT, now)


def find(recipient: UUID) -> Recipient:
    """Return a recipient, or NotFound."""
    row = Recipient.objects.filter(pk=recipient).first()
    if row is None:
        raise NotFound("No recipient has this number; the register lists those that there are.")
    return row


def standing(recipient: UUID, *, now: datetime) -> list[RecipientGrant]:
    """Return the grants of a recipient that stand at this moment."""
    rows = RecipientGrant.objects.filter(
        recipient=recipient, recipient__ended_at=None, ended_at=None, since__lte=now, until__gt=now
    )
    return list(rows.order_by("since"))


def _record(act: Act, promise: Promise, now: datetime) -> None:
    version = governing.in_force(now)
    clause = governing.clause_for(promise, version)
    record(Entry(act=act, at=now, promise=promise, clause=clause, policy=version.sha256, actor="staff"))
