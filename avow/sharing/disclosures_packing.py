"""
Make the minimal package of a case and hand it over.

Holds:    it opens the fields in scope and no others, for the law's purpose, and of their values only those that held
          within the case's span. The officer who packs does so under an opening case for the law, which ends with the
          packing. The package waits sealed under the person's key and is removed when it has left.
Does not: leave an entry about an opening by staff where telling the person is forbidden: the service packs, and the
          entry comes with the notice.
"""

import json
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from avow.errors import Erased
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.sharing import disclosures, disclosures_telling
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import State
from avow.vault import egress, holds, opening, opening_cases, recipients, sealing
from avow.vault.actor import SERVICE, Actor, staff
from avow.vault.holds_opening import Held
from avow.vault.opening import Past
from avow.vault.opening_cases import OpeningReason

PACKAGE = "disclosure-package"


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def pack(case: UUID, *, by: UUID, now: datetime) -> None:
    """Open what is in scope and seal it as the package."""
    row = disclosures.find(case, lock=True, by=by)
    disclosures.must(row, State.PACKED)
    person = whose(row, now=now)
    content = _write(row, person, by, now)
    sealed = sealing.seal_blob(person, PACKAGE, content, now=now)
    disclosures.move(row, State.PACKED, now=now, sealed_package=sealed, digest=sha256(content).digest())


@keeps(Promise.LEGAL_DISCLOSURE)
@transaction.atomic
def hand_over(case: UUID, *, now: datetime) -> bytes:
    """Return the package, once: it passes the gate, the copy here goes, and its person is told as far as is allowed."""
    row = disclosures.find(case, lock=True)
    disclosures.must(row, State.HANDED_OVER)
    person = whose(row, now=now)
    content = sealing.open_blob(person, PACKAGE, bytes(row.sealed_package or b""), purpose=Purpose.LEGAL, now=now)
    left = egress.leave(row.recipient, row.fields, Purpose.LEGAL, content=content, people=1, now=now)
    disclosures.move(row, State.HANDED_OVER, now=now, sealed_package=None, egress=left)
    if row.grant:
        recipients.end_grant(row.grant, now=now)
    disclosures_telling.tell_or_wait(row, now=now)
    return content


def whose(row: Disclosure, *, now: datetime) -> UUID:
    """Return the person of a case, or say that they were erased, or that the hold which kept something has ended.

    The hold is locked, so that its end waits until what leaves has left.
    """
    if row.person is None:
        raise Erased("The person of this case was erased; nothing of theirs can be opened.")
    if row.hold and not holds.stands(holds.find(row.hold, lock=True), now=now):
        raise Erased("The hold that kept this has ended; nothing of it leaves any more.")
    return row.person


def _write(row: Disclosure, person: UUID, by: UUID, now: datetime) -> bytes:
    found = _open(row, person, by, now)
    package = {
        "basis": row.basis,
        "scope": {"since": row.since.isoformat(), "until": row.until.isoformat()},
        "fields": {name: [_value(past) for past in values if _held(past, row)] for name, values in found.items()},
    }
    return json.dumps(package, indent=2, ensure_ascii=False, sort_keys=True).encode()


def _open(row: Disclosure, person: UUID, by: UUID, now: datetime) -> dict[str, list[Past] | list[Held]]:
    """Open what is in scope, whole; under a case of the officer, where its person may be told."""
    if row.withheld_until:
        return {name: _values(row, person, name, SERVICE, now) for name in row.fields}
    number = f"disclosure-{row.id.hex[:8]}"
    case = opening_cases.open_case(person, officer=by, reason=OpeningReason.LAW, reference=number, now=now)
    found = {name: _values(row, person, name, staff(by, case=case), now) for name in row.fields}
    opening_cases.end(case, now=now)
    return found


def _values(row: Disclosure, person: UUID, name: str, by: Actor, now: datetime) -> list[Past] | list[Held]:
    """Open one field's values: those of the person, or those that a hold kept."""
    if row.hold:
        return holds.history_held(row.hold, name, Purpose.LEGAL, by=by, now=now)
    return opening.history(person, name, Purpose.LEGAL, by=by, now=now)


def _held(past: Past | Held, row: Disclosure) -> bool:
    """Say whether a value held at any moment of the span."""
    return past.since <= row.until and (past.until is None or past.until >= row.since)


def _value(past: Past | Held) -> dict[str, str | None]:
    return {
        "value": past.value,
        "since": past.since.isoformat(),
        "until": past.until.isoformat() if past.until else None,
    }
