"""
Give a person a key: a slot among the keys, and beside the data a row that names nobody.

Why the slot first: the two databases do not commit together. A crash between the two, or a sign-up
that is rolled back, leaves a slot under which nothing is sealed (`sweep` removes it); the other
order would leave a person whose data cannot be sealed.

Holds:    after it, `sealing.put` works; costs one small row in each database.
Does not: write to the log. The act that a person knows of (signing up) is attested by its own room.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from avow.vault import governing
from avow.vault.keys import slots
from avow.vault.models import Person, PersonKind

__all__ = ["PersonKind", "enrol", "stand_in", "sweep"]

A_DAY = timedelta(days=1)
BATCH = 10_000


def enrol(*, kind: PersonKind = PersonKind.ACCOUNT, now: datetime, person: UUID | None = None) -> UUID:
    """Enrol somebody under a fresh random number, or a given one (`stand_in`)."""
    person = person or uuid4()
    policy = "" if kind is PersonKind.SUBJECT else governing.in_force(now).sha256
    slot = slots.allot(person, now=now)
    Person.objects.create(person=person, slot=slot, kind=kind, enrolled_at=now, signed_up_under=policy)
    return person


def stand_in(person: UUID, *, now: datetime) -> None:
    """Enrol the one to whom a live check comes back; anew where a restore let go of their key."""
    gone = Person.objects.filter(person=person, kind=PersonKind.SUBJECT, erased_at__isnull=False)
    if gone.delete()[0] or not Person.objects.filter(person=person).exists():
        enrol(kind=PersonKind.SUBJECT, now=now, person=person)


def sweep(*, now: datetime) -> int:
    """Remove the slots of sign-ups that were never finished, once they are a day old; return how many."""
    swept, after = 0, -1
    while batch := slots.older_than(now - A_DAY, after=after, at_most=BATCH):
        after = batch[-1][0]
        persons = {person for _, person in batch}
        swept += slots.give_back(
            persons - set(Person.objects.filter(person__in=persons).values_list("person", flat=True))
        )
    return swept
