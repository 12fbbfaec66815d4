"""
A code that was sent somewhere and is awaited: what it was sent to counts once it comes back.

Holds:    a code lasts LASTS and takes TRIES tries, also when two come at once; a newer one ends it. Where it was sent
          to lies sealed under the person's key, and its row ends with the code.
Does not: send, or limit how many are sent (`letter_limits`).
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from avow.errors import NotFound
from avow.people import security_events
from avow.people.models import PendingAddress, PhoneCode
from avow.people.security_events import Event
from avow.policy.purposes import Purpose
from avow.vault.sealing import open_blob, seal_blob

LASTS = timedelta(minutes=10)
TRIES = 3


@dataclass(frozen=True)
class AwaitedCodes:
    """Codes of one kind, one for each person at a time."""

    rows: type[PendingAddress] | type[PhoneCode]
    label: str
    to: str  # the name under which it is kept where the code was sent to
    meant: Callable[[str], str]  # what somebody meant who typed this
    gone: str  # what is said when none is awaited

    def keep(self, person: UUID, to: str, code: str, *, now: datetime, message: UUID | None = None) -> None:
        """Await a code that is sent there, by a message of this number."""
        kept = {self.to: to, "code": code} | ({"message": message.hex} if message else {})
        sealed = seal_blob(person, self.label, json.dumps(kept).encode())
        self.rows.objects.update_or_create(
            person=person, defaults={"sealed": sealed, "tries_left": TRIES, "ends_at": now + LASTS}
        )

    @transaction.atomic
    def spend_a_try(self, person: UUID, code: str, *, now: datetime) -> str | None:
        """
        Return where this code was sent; None for another one, and then a try is gone, even if the caller fails later.

        NotFound when none is awaited.
        """
        row = self._waiting(person, now).select_for_update().first()
        if row is None:
            raise NotFound(self.gone)
        waiting = self._open(row)
        if hmac.compare_digest(self.meant(code).encode(), self.meant(waiting["code"]).encode()):
            return waiting[self.to]
        security_events.note(Event.CODE_WRONG)
        self.rows.objects.filter(person=person).update(tries_left=row.tries_left - 1)
        return None

    def is_waiting(self, person: UUID, *, now: datetime) -> bool:
        """Say whether a code is awaited."""
        return self._waiting(person, now).exists()

    def message_of(self, person: UUID, *, now: datetime) -> UUID | None:
        """Return by which message the awaited code goes, if that was kept."""
        row = self._waiting(person, now).first()
        number = self._open(row).get("message") if row else None
        return UUID(hex=number) if number else None

    def clear_expired(self, now: datetime) -> int:
        """Remove what nobody entered in time; return how many."""
        return self.rows.objects.filter(ends_at__lte=now).delete()[0]

    def forget(self, person: UUID) -> int:
        """Remove the person's; return how many rows went."""
        return self.rows.objects.filter(person=person).delete()[0]

    def count(self, person: UUID) -> int:
        """Count the person's."""
        return self.rows.objects.filter(person=person).count()

    def _open(self, row: PendingAddress | PhoneCode) -> dict[str, str]:
        opened = open_blob(row.person, self.label, bytes(row.sealed), purpose=Purpose.ACCOUNT)
        found: dict[str, str] = json.loads(opened)
        return found

    def _waiting(self, person: UUID, now: datetime) -> QuerySet[PendingAddress] | QuerySet[PhoneCode]:
        return self.rows.objects.filter(person=person, ends_at__gt=now, tries_left__gt=0)
