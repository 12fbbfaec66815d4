"""What tests of holds share: two officers, somebody to hold, and a hold that two placed."""

from datetime import timedelta
from uuid import UUID, uuid4

from avow.policy.purposes import Purpose
from avow.vault import erasure, holds, holds_ending, holds_sealing, persons, sealing
from avow.vault.actor import SERVICE
from avow.vault.enrolment import enrol

ONE, OTHER = UUID(int=1), UUID(int=2)
NAMES = ("nickname", "email", "diary")
A_DAY = timedelta(days=1)


def enrolled(now):
    person = enrol(now=now)
    for name in NAMES:
        sealing.put(person, name, f"the {name}", source="a test", now=now)
    return person


def proposed(person, now, names=("email",), days=30, **more):
    return holds.propose(person, names, basis="file 7", until=now + timedelta(days=days), by=ONE, now=now, **more)


def hold_on(person, now, names=("email",), days=30, **more):
    hold = proposed(person, now, names, days, **more)
    holds.confirm(hold, by=OTHER, now=now)
    return hold


def erase(person, now):
    erasure.erase(person, request=uuid4(), asked_by=SERVICE, now=now)


def release(hold, now):
    holds_ending.propose_release(hold, by=ONE, now=now)
    holds_ending.confirm_release(hold, by=OTHER, now=now)


def opened(hold, now, field="email", purpose=Purpose.LEGAL):
    return holds.open_held(hold, field, purpose, by=SERVICE, now=now)


def all_of(hold, now, field="email"):
    return [one.value for one in holds.history_held(hold, field, Purpose.LEGAL, by=SERVICE, now=now)]


def copied(subject, row):
    """What a thief of a copy of a row reads with the keys that there are."""
    return holds_sealing.unseal(holds_sealing.key(persons.key_of(subject)), row)
