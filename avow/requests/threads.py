"""
What was said in a case: sealed under its person's key, or under the case's own while nobody knows whose it is.

Holds:    a message opens for the rights of whoever wrote, and an officer's look at a thread is recorded once a look,
          under the key of the person, who sees it.
Does not: keep attachments; their names say that they were not read.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.policy.purposes import Purpose
from avow.requests.case_models import Case, CaseMessage
from avow.vault.actor import SERVICE, Actor
from avow.vault.sealing import open_blob, seal_blob

LABEL = "case"


@dataclass(frozen=True)
class Words:
    """What one message says."""

    text: str
    subject: str = ""
    address: str = ""  # of an unknown sender; a person's is on file
    unread: tuple[str, ...] = ()  # names of attachments


@dataclass(frozen=True)
class Said:
    """One message of a thread, opened."""

    writer: str  # person, staff or service
    at: datetime
    words: Words


def add(case: Case, writer: str, words: Words, *, now: datetime) -> None:
    """Seal one message into the case; commits with the caller."""
    content = {"case": case.pk.hex, **asdict(words)}
    sealed = seal_blob(key_of(case), LABEL, json.dumps(content).encode(), now=now)
    CaseMessage.objects.create(case=case, writer=writer, sealed=sealed, at=now)


@transaction.atomic
def read(case: Case, *, by: Actor, now: datetime) -> list[Said]:
    """Open a thread, the oldest first; nothing when its key is gone or it was emptied."""
    if case.person is None and case.subject is None:
        return []
    rows = list(case.messages.all())
    return [_open(case, row, by if at == 0 else SERVICE, now) for at, row in enumerate(rows)]


def key_of(case: Case) -> UUID:
    """Return whose key seals the case."""
    whose: UUID | None = case.person or case.subject
    assert whose, "a case that is written in lies under somebody's key"
    return whose


def _open(case: Case, row: CaseMessage, by: Actor, now: datetime) -> Said:
    plain = open_blob(key_of(case), LABEL, bytes(row.sealed), purpose=Purpose.RIGHTS, by=by, now=now)
    content = json.loads(plain)
    assert content.pop("case") == case.pk.hex, "a message lies in another case"
    return Said(row.writer, row.at, Words(**{**content, "unread": tuple(content["unread"])}))
