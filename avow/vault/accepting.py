"""
A person accepts a newer text: from then on it governs what may be done with what we hold about them.

Why here: the gate reads it at every opening. When somebody may be said to have accepted is `communications.acceptance`.

Holds:    a person goes forward along the published texts and never back; accepting a text twice changes nothing and
          records nothing. Nobody accepts whose erasure is under way.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from avow.evidence import versions
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault import persons
from avow.vault.attesting import attest
from avow.vault.models import Person


@keeps(Promise.USE_UNDER_VERSION)
@transaction.atomic
def accept(person: UUID, policy: str, *, now: datetime) -> bool:
    """Let this text govern the person; return whether anything changed."""
    row, version = persons.lock(person), versions.read(policy)
    if row.erasing_since is not None or version.number <= number_of(row.governed_by or row.signed_up_under):
        return False
    Person.objects.filter(person=person).update(governed_by=policy)
    attest(person, Act.VERSION_ACCEPTED, promise=Promise.ACCEPTANCE_BY_USE, now=now)
    return True


def by_whom() -> int:
    """Count who is governed by a newer text than the one they signed up under."""
    moved = (
        Person.objects.filter(erased_at=None, erasing_since=None)
        .exclude(governed_by="")
        .exclude(governed_by=F("signed_up_under"))
    )
    return moved.count()


def number_of(policy: str) -> int:
    """Return a text's place among the published ones; 0 for none."""
    return next((version.number for version in versions.all_versions() if version.sha256 == policy), 0)
