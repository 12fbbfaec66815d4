"""
What this room answers for at export and erasure: releases in preparation, and an officer's part in releases.

Why figures go when a person leaves, though they name nobody: they were made while the person was in. At publishing
they are made again, without them. A published release holds no one and stays.

Holds:    after `forget` no figure in preparation was made with this person's visits, and nothing names them as officer.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from avow.sharing.proposing import move
from avow.sharing.release_models import Approval, Release
from avow.vault import persons
from avow.vault.stores import Exported, register_store


class ReleaseStore:
    """Releases to partners."""

    name = "releases"
    title = "Releases in preparation"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:  # noqa: ARG002 - the protocol's
        """Return what is in preparation, and what the person approved as an officer; nobody is in it singly."""
        waiting = [
            {"what": row.kind, "since": row.proposed_at, "your part": "none that names you"} for row in _with(person)
        ]
        signed = Approval.objects.filter(officer=person).select_related("release").order_by("at")
        own = [{"what": one.release.kind, "since": one.at, "your part": "approved it as an officer"} for one in signed]
        yield Exported("releases", "Releases to partners in preparation", (*waiting, *own))

    @transaction.atomic
    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's
        """Drop figures that were made with this person, and their name under approvals."""
        dropped = _with(person).update(figures={}, counted_at=None)
        return dropped + _forget_officer(person)

    def count(self, person: UUID) -> int:
        """Count figures made while the person was in, approvals and proposals."""
        own = Approval.objects.filter(officer=person).count() + Release.objects.filter(proposed_by=person).count()
        return _with(person).count() + own


def _with(person: UUID) -> QuerySet[Release]:
    """Return releases whose figures were made while this person was in."""
    made = Release.objects.filter(state__in=["checked", "approved"], counted_at__isnull=False)
    since = persons.standing(person).erasing_since
    return made.filter(counted_at__lt=since) if since else made


def _forget_officer(person: UUID) -> int:
    """Take the officer's name away; what is not published needs another approval in its place."""
    signed = Approval.objects.filter(officer=person)
    kept = signed.filter(release__state="published").update(officer=None)
    for row in Release.objects.select_for_update().filter(state="approved", approvals__officer=person):
        move(row, "checked")
    void = signed.delete()[0]
    return kept + void + Release.objects.filter(proposed_by=person).update(proposed_by=None)


def register() -> None:
    """Register the store."""
    register_store(ReleaseStore())
