"""
What a person carries away: a statement, tied to the log so that no byte of it can change.

Why one envelope for certificate, export and receipt: one verifier, small enough to read,
checks them all, years later and without us.

    avow.statement/1 <kind>
    <body: canonical JSON, one line>
    <the log's entry, one line; its "evidence" is the sha256 of the body line>
    <empty line>
    <tlog-proof of that entry, which ends with a signed checkpoint>

Holds:    the body is what was issued, byte for byte; its kind stands inside it as well. Rendering
          the same statement twice gives the same bytes.
Does not: sign by itself: the log's signature is the only one, so a statement that the log
          does not hold cannot exist.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.evidence.entries import Actor, Entry, canonical
from avow.evidence.models import Statement
from avow.evidence.outbox import record
from avow.evidence.receipts import receipt_now
from avow.policy.promises import Promise

HEAD = "avow.statement/1"
ACTS = {
    "erasure-certificate": Act.CERTIFICATE_ISSUED,
    "export": Act.EXPORT_MADE,
    "receipt": Act.RECEIPT_ISSUED,
}  # what the log says of each kind; the verifier has the same table


def issue(
    kind: str,
    body: Mapping[str, Any],
    *,
    act: Act,
    promise: Promise,
    now: datetime,
    subject: bytes | None = None,
    clause: str | None = None,
    policy: str | None = None,
    actor: Actor = "service",
    using: str = "default",
) -> UUID:
    """Record that this was stated and keep the body; return the id to render it by."""
    if ACTS.get(kind) is not act:
        raise ValueError(f"a statement of kind {kind} is recorded as one of {ACTS}")
    line = said(kind, body)
    entry = Entry(
        act=act, at=now, promise=promise, clause=clause, policy=policy,
        subject=subject, evidence=sha256(line).digest(), actor=actor,
    )  # fmt: skip
    with transaction.atomic():
        entry_id = record(entry, using=using)
        keep(kind, line, entry_id)
    return entry_id


def said(kind: str, body: Mapping[str, Any]) -> bytes:
    """Return the one line that a statement of this kind and body says; its sha256 is the entry's evidence."""
    return canonical({**body, "kind": kind})


def keep(kind: str, line: bytes, entry_id: UUID) -> None:
    """Keep what was said beside an entry that the caller recorded itself with the line's sha256 as evidence."""
    Statement(entry_id=entry_id, kind=kind, body=line).save(force_insert=True)


def says(entry_id: UUID) -> dict[str, Any] | None:
    """Return what was said, or None where nothing is kept."""
    kept = Statement.objects.filter(entry_id=entry_id).first()
    found: dict[str, Any] | None = json.loads(bytes(kept.body)) if kept else None
    return found


def render(entry_id: UUID) -> bytes:
    """Return the statement as a file; BeingRecorded until a signed checkpoint covers it."""
    kept = Statement.objects.filter(entry_id=entry_id).first()
    if kept is None:
        raise NotFound("There is no statement by that number.")
    return around(kept.kind, bytes(kept.body), entry_id)


def around(kind: str, line: bytes, entry_id: UUID) -> bytes:
    """Return the statement around a line that is not kept here; BeingRecorded until a signed checkpoint covers it."""
    found = receipt_now(entry_id)
    return b"\n".join([f"{HEAD} {kind}".encode(), line, found.entry, b"", found.text.encode()])


def embedded(entry_id: UUID) -> dict[str, str]:
    """Return another act's entry and proof, to stand inside a body: what an erasure certificate carries as "erased"."""
    found = receipt_now(entry_id)
    return {"entry": found.entry.decode(), "proof": found.text}
