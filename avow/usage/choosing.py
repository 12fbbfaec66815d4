"""
What a person says about the use of what is recorded: personalisation, and recording at all.

Holds:    each change is in the log for the person to see; choosing twice changes nothing. Recording is for three
          uses; who objects to all of them is recorded as nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose
from avow.usage.compacting import USES
from avow.vault import choices
from avow.vault.attesting import attest


@dataclass(frozen=True)
class Chosen:
    """How a person's choices stand."""

    personalised: bool
    recorded: bool
    frozen: bool


def standing(person: UUID, *, now: datetime) -> Chosen:
    """Return what a person chose."""
    said = choices.of(person, now=now)
    return Chosen(Purpose.PERSONALISATION not in said.objected, not said.objected >= USES, said.frozen)


@keeps(Promise.PERSONALISATION_CHOICE)
def personalise(person: UUID, *, on: bool, now: datetime) -> None:
    """Switch personalisation on or off."""
    _say(person, frozenset({Purpose.PERSONALISATION}), on=on, now=now)


def record(person: UUID, *, on: bool, now: datetime) -> None:
    """Let what is used be recorded under this person, or under nobody."""
    _say(person, USES, on=on, now=now)


@transaction.atomic
def _say(person: UUID, uses: frozenset[Purpose], *, on: bool, now: datetime) -> None:
    objected = choices.of(person, now=now).objected & uses
    for use in sorted(objected if on else uses - objected):
        (choices.withdraw_objection if on else choices.object_to)(person, use, now=now)
        act = Act.OBJECTION_WITHDRAWN if on else Act.OBJECTED
        attest(person, act, promise=Promise.PERSONALISATION_CHOICE, now=now)
