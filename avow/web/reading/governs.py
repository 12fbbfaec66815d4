"""Which text governs a person, what they were told of newer ones and may agree to, and what each use rests on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from avow.communications import changes, notices
from avow.communications.changes import Changed
from avow.communications.models import PolicyNotice
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.policy.bases import BASES, Basis
from avow.policy.purposes import Purpose
from avow.vault import agreeing, persons
from avow.vault.agreeing import Question


@dataclass(frozen=True)
class Governs:
    """What My data says of the policy."""

    version: Version
    by_use: bool
    notices: tuple[tuple[Changed, PolicyNotice], ...]
    bases: tuple[tuple[Purpose, Basis], ...]
    question: Question | None  # about what was given before
    old_asks: bool


def governs(person: UUID, current: Version, *, now: datetime) -> Governs:
    """Return it for one person."""
    stands = persons.standing(person)
    version = versions.read(stands.governed_by) if stands.governed_by else versions.all_versions()[0]
    by_use = stands.governed_by != stands.signed_up_under
    told = tuple((changes.changed(row.version), row) for row in notices.of(person))
    used = tuple((purpose, basis) for purpose, basis in BASES.items() if purpose in current.bound.purposes)
    question = agreeing.question(person, now=now)
    return Governs(version, by_use, told, used, question, settings.OLD_DATA_ASKS)
