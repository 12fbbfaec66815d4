"""
The one gate for what goes to anybody outside: no grant, no way out; and a ledger row for each thing that went.

Why below all rooms: agents, releases and disclosures are different errands of rooms above, and all of them pass here,
so the list of what has ever left is one table, and so is the list of who may receive.

Holds:    deny by default. What goes is covered whole by one standing grant of that recipient, for a purpose that the
          policy in force names, under a sentence in force that allows it. The row commits with the errand that the
          caller queues in the same transaction; it names no person and holds no value.
Assumes:  callers give the bytes that will really be handed over; `make qa` names the few files that can hand over.
Does not: carry anything over the network, open any field, or judge whether something is anonymous.
"""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import NoGrant
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.vault import governing, recipients
from avow.vault.models import Egress, RecipientGrant, RecipientKind

ACTS = {
    RecipientKind.AGENT: Act.SENT_TO_AGENT,
    RecipientKind.PARTNER: Act.RELEASE_PUBLISHED,
    RecipientKind.AUTHORITY: Act.DISCLOSED_BY_LAW,
}
SALT = 16  # bytes


def permit(recipient: UUID, what: Collection[str], purpose: Purpose, *, now: datetime) -> RecipientGrant:
    """Return the standing grant that covers all of this, or raise NoGrant; nothing is written."""
    wanted = set(what)
    if not wanted:
        raise NoGrant("Nothing was named that should leave; name the fields or the release.")
    version = governing.in_force(now)
    for grant in recipients.standing(recipient, now=now):
        named = purpose in version.bound.purposes and bool(version.bound.by_promise(promise_of(grant)))
        if grant.purpose == purpose and wanted <= set(grant.what) and named:
            return grant
    raise NoGrant(
        f"No standing grant lets this recipient have all of {', '.join(sorted(wanted))} for {purpose.value}: "
        "leave out what it does not need, or renew its contract and grant it."
    )


@keeps(Promise.SHARING_LIMIT, Promise.NO_SALE)
@transaction.atomic
def leave(
    recipient: UUID,
    what: Collection[str],
    purpose: Purpose,
    *,
    content: bytes,
    people: int,
    now: datetime,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> UUID:
    """Let this content go to a recipient and write it down; return the ledger's number. Raises NoGrant."""
    grant = permit(recipient, what, purpose, now=now)
    version = governing.in_force(now)
    promise = promise_of(grant)
    clause = governing.clause_for(promise, version) or ""
    salt = random(SALT)
    digest = sha256(salt + content).digest()
    row = Egress.objects.create(
        id=uuid4(), recipient_id=recipient, grant=grant, what=sorted(set(what)), purpose=purpose, clause=clause,
        policy=version.sha256, salt=salt, digest=digest, people=people, at=now,
    )  # fmt: skip
    act = ACTS[RecipientKind(grant.recipient.kind)]
    record(Entry(act=act, at=now, promise=promise, clause=clause, policy=version.sha256, evidence=digest))
    return row.id


def promise_of(grant: RecipientGrant) -> Promise:
    """Return the promise under which something was granted."""
    return next(promise for promise in Promise if promise.value == grant.promise)
