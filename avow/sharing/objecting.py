"""
A person's switch for releases: off means that nothing of theirs is counted for a partner from the next one on.

Holds:    the choice and its entry in the log commit together; switching twice changes and records nothing more.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import choices
from avow.vault.attesting import attest


def is_off(person: UUID, *, now: datetime) -> bool:
    """Whether this person is left out of releases, by this switch or because their data rests."""
    return Purpose.ANONYMISED_RELEASE in choices.of(person, now=now).objected


@transaction.atomic
def switch(person: UUID, *, off: bool, now: datetime) -> None:
    """Leave the person out of releases from now on, or count them again."""
    if is_off(person, now=now) == off:
        return
    if off:
        choices.object_to(person, Purpose.ANONYMISED_RELEASE, now=now)
    else:
        choices.withdraw_objection(person, Purpose.ANONYMISED_RELEASE, now=now)
    act = Act.OBJECTED if off else Act.OBJECTION_WITHDRAWN
    attest(person, act, promise=Promise.ANONYMISED_RELEASE, now=now)
