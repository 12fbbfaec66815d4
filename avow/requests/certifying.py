"""
Draw up the certificate of an erasure and hand it to the log.

Why it waits for the destroyed key's number: the certificate carries that entry with its own
proof, so it can be checked for ever without asking us for anything.

Holds:    one certificate a request: the statement and its number on the request commit together.
          It says what each store held and when it had forgotten, under which sentences, and what
          this version does not reach. It lists each agent that was told to delete. It names nobody.
Assumes:  `vault.erasure.erase` gives the same answer when it is asked again for the same request.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from avow.evidence import statements
from avow.evidence.acts import Act
from avow.evidence.entries import stamp
from avow.policy.promises import Promise
from avow.requests import planning
from avow.requests.entries import clause_of
from avow.requests.models import Request, StoreAck
from avow.sharing import errands_queries
from avow.sharing.errands_queries import Line
from avow.sharing.errands_states import State
from avow.vault import erasure, holds
from avow.vault.actor import SERVICE
from avow.vault.erasure import ErasedKey
from avow.vault.models import Hold

KIND = "erasure-certificate"


def issue(row: Request, person: UUID, subject: UUID, *, now: datetime) -> UUID:
    """Issue the certificate; BeingRecorded while the log has not taken up the destroyed key."""
    key = erasure.erase(person, request=row.pk, asked_by=SERVICE, now=now)  # done: the same answer again
    said = body(row, person, planning.unseal(subject, bytes(row.sealed or b"")), key)
    with transaction.atomic():
        entry = statements.issue(
            KIND,
            said,
            act=Act.CERTIFICATE_ISSUED,
            promise=Promise.ACCESS_AND_ERASE,
            clause=clause_of(row.policy),
            policy=row.policy,
            now=max(now, row.moved_at),
        )
        Request.objects.filter(pk=row.pk, statement=None).update(statement=entry)
    return entry


def body(row: Request, person: UUID, plan: planning.Plan, key: ErasedKey) -> dict[str, Any]:
    """Return what the certificate says."""
    return {
        "number": row.number,
        "asked_at": stamp(row.asked_at),
        "asked_by": row.asked_by,
        "channel": row.channel,
        "erased_at": stamp(row.moved_at),
        "stores": [_store(ack) for ack in row.acks.all()],
        "policy": {"sha256": plan.policy, "effective": plan.effective},
        "clauses": [{"id": clause.id, "name": clause.name, "says": clause.says} for clause in plan.clauses],
        "copies_open_until": stamp(key.copies_open_until),
        "limits": list(plan.limits),
        "disclosures": [_told(line) for line in errands_queries.orders(row.pk)],
        "held": [_held(hold) for hold in holds.kept(person)],
        "erased": statements.embedded(key.entry_id),
        "opening": dict(key.opening),
    }


def _held(hold: Hold) -> dict[str, Any]:
    """Say what a legal duty keeps, given between which moments, on what it rests, and until when."""
    return {
        "fields": list(hold.fields), "basis": hold.basis, "until": stamp(hold.until),
        "collected_from": stamp(hold.collected_from) if hold.collected_from else None,
        "collected_to": stamp(hold.collected_to) if hold.collected_to else None,
    }  # fmt: skip


def _told(line: Line) -> dict[str, Any]:
    """Say what an agent had received, when it was told to delete, and whether it has answered by now."""
    answered = stamp(line.settled_at) if line.settled_at and line.state is State.DELIVERED else None
    return {
        "to": line.name, "kind": "agent", "fields": list(line.fields), "told_at": stamp(line.queued_at),
        "answered_at": answered, "signed": line.signed,
    }  # fmt: skip


def _store(ack: StoreAck) -> dict[str, Any]:
    """Say what one store held and when it had forgotten."""
    forgotten = ack.acknowledged_at
    assert forgotten is not None, "a store without its answer has no place in a certificate"
    return {"store": ack.store, "title": ack.title, "rows": ack.rows, "left": 0, "forgotten_at": stamp(forgotten)}
