"""
Which incidents touched a person: the store of the register.

Holds:    an export lists what its person was told, or what two officers decided they need not be. Forgetting takes the
          rows and leaves counts: how many of an incident's people were erased, told or untold. What lay under an
          incident's own key, which a restore may find gone, goes on without its words.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from avow.sharing import incidents_for_people
from avow.sharing.incidents_models import Affected, Incident, IncidentFiling, IncidentLetter, IncidentNote
from avow.vault.stores import Exported, register_store


class IncidentStore:
    """Incidents by whom they touched."""

    name = "incidents"
    title = "Incidents that touched you"

    def export(self, person: UUID, *, now: datetime) -> Iterable[Exported]:
        """Return each incident that this person may know of."""
        rows = (
            {"kind": one.kind, "since": one.row.happened_from, "until": one.row.happened_until,
             "fields": ", ".join(one.row.fields), "told": one.told_at, "happened": one.said.get("happened", ""),
             "consequences": one.said.get("consequences", ""), "measures": one.said.get("measures", "")}
            for one in incidents_for_people.of(person, now=now)
        )  # fmt: skip
        yield Exported("incidents", "Incidents that touched you", tuple(rows))

    def forget(self, person: UUID, *, request: UUID, now: datetime) -> int:  # noqa: ARG002 - the protocol's signature
        """Take the person's rows, and keep the count; an incident whose own key is gone loses its words."""
        _without_words(person)
        return _forget(person)

    def count(self, person: UUID) -> int:
        """Count the incidents that touched them."""
        return Affected.objects.filter(person=person).count()


def register() -> None:
    """Register the store."""
    register_store(IncidentStore())


@transaction.atomic
def _forget(person: UUID) -> int:
    """Remove the rows under their incidents' locks, so that no count is lost beside another's."""
    touched = Affected.objects.filter(person=person).values("incident")
    list(Incident.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
    rows = list(Affected.objects.select_for_update().filter(person=person))
    for row in rows:
        gone = "gone_untold" if row.told_at is None else "gone_told"
        Incident.objects.filter(pk=row.incident_id).update(**{gone: F(gone) + 1})
    return Affected.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _without_words(key: UUID) -> None:
    """Empty what lay under a key that is nobody's and gone."""
    for words in (IncidentNote, IncidentFiling, IncidentLetter):
        words.objects.filter(incident__key=key).update(sealed=None)
