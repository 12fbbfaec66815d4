"""
Somebody answers for a promise that no machine can test.

Why with an end: an attestation that nobody renews says nothing about today.

Holds:    who (an office, not a name), what they state, since when and until when; an entry in the log
          with the hash of all four, so that none of it can be put differently afterwards.
"""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from avow.errors import BadInput
from avow.evidence.acts import Act
from avow.evidence.entries import Entry, canonical
from avow.evidence.models import Attestation
from avow.evidence.outbox import record
from avow.policy.promises import Promise


@transaction.atomic
def attest_by_hand(promise: Promise, *, who: str, statement: str, until: datetime, now: datetime) -> Attestation:
    """Write down that this office answers for the promise until then."""
    if until <= now:
        raise BadInput("An attestation ends in the future; give a later date.")
    if not who.strip() or not statement.strip():
        raise BadInput("An attestation names the office that answers and says what it states.")
    stated = {
        "at": now.isoformat(),
        "promise": promise.value,
        "statement": statement,
        "until": until.isoformat(),
        "who": who,
    }
    entry = Entry(act=Act.ATTESTED, at=now, promise=promise, actor="staff", evidence=sha256(canonical(stated)).digest())
    return Attestation.objects.create(
        promise=promise.value, who=who, statement=statement, at=now, until=until, entry_id=record(entry)
    )
