"""
Give a hold another key where its own was destroyed beneath it: let go of in a restore, or ended since older data.

Why it must have one: whoever erases the person of a hold that stands reseals what it names first, so one without a key
would hold up that erasure. Why it is not ended instead: two officers placed it, and two, or its day, end it.

Holds:    what the old key sealed is removed, since nobody can open it, and the hold says that it kept nothing. A hold
          whose key lives is not touched. Repeated after a crash, it finds what is left.
Assumes:  the service is stopped (`restoring`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from avow.vault import subjects
from avow.vault.holds_states import State
from avow.vault.keys.models import Puncture
from avow.vault.models import HeldField, Hold, Person


def rekey(*, now: datetime, say: Callable[[str], Any]) -> int:
    """Give every standing hold whose key is destroyed a new one; return how many."""
    standing = dict(Hold.objects.filter(state=State.STANDING.value).values_list("subject", "pk"))
    rows = Person.objects.filter(person__in=list(standing)).values_list("person", "slot")
    slots = {slot: person for person, slot in rows if slot is not None}
    destroyed = {slots[slot] for slot in Puncture.objects.filter(slot__in=slots).values_list("slot", flat=True)}
    lost = [standing[person] for person, slot in rows if slot is None or person in destroyed]
    for hold in lost:
        with transaction.atomic():  # killed before the commit: a key under which nothing lies, and this once more
            HeldField.objects.filter(hold=hold).delete()
            Hold.objects.filter(pk=hold).update(subject=subjects.new_subject(now), kept_at=None)
    if lost:
        say(f"{len(lost)} legal holds have a new key; what they had kept is lost with the old one.")
    return len(lost)
