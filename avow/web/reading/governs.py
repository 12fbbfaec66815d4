"""Which text governs a person, what they were told of newer ones, and what each use rests on."""

from dataclasses import dataclass
from uuid import UUID

from avow.communications import changes, notices
from avow.communications.changes import Changed
from avow.communications.models import PolicyNotice
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.policy.bases import BASES, Basis
from avow.policy.purposes import Purpose
from avow.vault import persons


@dataclass(frozen=True)
class Governs:
    """What My data says of the policy."""

    version: Version
    by_use: bool
    notices: tuple[tuple[Changed, PolicyNotice], ...]
    bases: tuple[tuple[Purpose, Basis], ...]


def governs(person: UUID, current: Version) -> Governs:
    """Return it for one person."""
    stands = persons.standing(person)
    version = versions.read(stands.governed_by) if stands.governed_by else versions.all_versions()[0]
    by_use = stands.governed_by != stands.signed_up_under
    told = tuple((changes.changed(row.version), row) for row in notices.of(person))
    used = tuple((purpose, basis) for purpose, basis in BASES.items() if purpose in current.bound.purposes)
    return Governs(version, by_use, told, used)
