"""
What a person sees of the incidents that touched them.

Holds:    what was decided, and no sooner: while nobody knows yet what it means, there is nothing that a person could
          use. Where two officers decided that people need not be told, it is listed all the same, without the company's
          words. Looking at the page marks what it showed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from avow.sharing import incidents_telling
from avow.sharing.incidents_models import Affected, Incident, IncidentLetter
from avow.sharing.incidents_states import KINDS, Kind, People


@dataclass(frozen=True)
class Touched:
    """One incident, as a person whom it touched sees it."""

    row: Incident
    told_at: datetime | None
    said: Mapping[str, str]

    @property
    def kind(self) -> str:
        """What went wrong, in words."""
        return KINDS[Kind(self.row.kind)]


def of(person: UUID, *, now: datetime) -> list[Touched]:
    """Return the incidents that touched a person and were decided, the newest first."""
    rows = list(_decided(person).select_related("incident").order_by("-incident__registered_at", "pk"))
    told = {row.letter for row in rows if row.letter}
    letters = IncidentLetter.objects.select_related("incident").filter(pk__in=told, sealed__isnull=False)
    said = {letter.pk: incidents_telling.opened(letter, now=now) for letter in letters}
    return [Touched(row.incident, row.told_at, said.get(row.letter, {}) if row.letter else {}) for row in rows]


def touched(person: UUID) -> bool:
    """Say whether there is anything to show."""
    return _decided(person).exists()


def unseen(person: UUID) -> bool:
    """Say whether a person was told of something and has not looked at it."""
    return Affected.objects.filter(person=person, told_at__isnull=False, shown_at=None).exists()


def seen(person: UUID, *, now: datetime) -> None:
    """Mark that a person's own page showed what they were told."""
    Affected.objects.filter(person=person, told_at__isnull=False, shown_at=None).update(shown_at=now)


def _decided(person: UUID) -> QuerySet[Affected]:
    return Affected.objects.filter(person=person).filter(Q(told_at__isnull=False) | Q(incident__people=People.NOT_OWED))
