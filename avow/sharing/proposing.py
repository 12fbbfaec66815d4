"""
Propose a release to a partner, change it, withdraw it; and the one function that moves it.

Holds:    a release moves only as MOVES says, under the lock of its row. A changed specification has no approvals.
          What was published already is not proposed again: the same specification gives the same stored file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from avow.errors import BadInput, NotFound, Refused
from avow.sharing import spec as specs
from avow.sharing.release_models import MOVES, Release
from avow.sharing.spec import Spec
from avow.vault import recipients
from avow.vault.recipients import RecipientKind


class MoveRefused(Refused):
    """A release cannot go from where it stands to there."""

    code = "release-move-refused"


@transaction.atomic
def propose(given: Mapping[str, Any], *, by: UUID | None, now: datetime) -> UUID:
    """Write a proposal down and return its number; of one that was published already, the number it has."""
    spec = _read(given)
    there = Release.objects.filter(spec_sha=spec.sha256, state="published").first()
    if there:
        return there.id
    made = Release.objects.create(
        id=uuid4(), partner=spec.partner, kind=spec.kind, spec=spec.written(), spec_sha=spec.sha256,
        state="proposed", proposed_by=by, proposed_at=now,
    )  # fmt: skip
    return made.id


@transaction.atomic
def change(release: UUID, given: Mapping[str, Any]) -> None:
    """Replace the specification; whatever was found and approved of the old one is void."""
    spec = _read(given)
    row = locked(release)
    row.approvals.all().delete()
    move(
        row, "proposed", partner=spec.partner, kind=spec.kind, spec=spec.written(), spec_sha=spec.sha256, reasons=[],
        figures={}, counted_at=None,
    )  # fmt: skip


@transaction.atomic
def withdraw(release: UUID) -> None:
    """End a proposal for good."""
    row = locked(release)
    row.approvals.all().delete()
    move(row, "withdrawn", figures={}, counted_at=None)


def find(release: UUID) -> Release:
    """Return a release, or NotFound."""
    row = Release.objects.filter(pk=release).first()
    if row is None:
        raise NotFound("There is no release of this number; the desk's list has all of them.")
    return row


def locked(release: UUID) -> Release:
    """Return a release with its row locked until the transaction ends."""
    find(release)
    return Release.objects.select_for_update().get(pk=release)


def move(row: Release, to: str, **also: Any) -> None:
    """Move a locked release, setting `also` with it."""
    if to not in MOVES[row.state]:
        raise MoveRefused(f"A release that is {row.state} cannot become {to}; its page says what is open to it.")
    row.state = to
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *also])


def spec_of(row: Release) -> Spec:
    """Return the specification as it stands in the row."""
    return specs.read(row.spec)


def _read(given: Mapping[str, Any]) -> Spec:
    spec = specs.read(given)
    if recipients.find(spec.partner).kind != RecipientKind.PARTNER:
        raise BadInput("Releases go to partners; this recipient is of another kind, so choose one from the register.")
    return spec
