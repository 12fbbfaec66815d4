"""
Where an incident can stand, and every step, as data.

    stage        open → assessed → closed, and open again when something new is found
    authority    undecided → told, or not owed with the reason
    people       undecided → being told → told, or not owed with the reason

Why three tracks and not one line: the law lets an authority be told before anything is assessed, and people before the
authority; a line would make whoever is in haste lie about the order.

Holds:    nothing is closed before both are settled, and nobody is called "not owed" before the risk was assessed. Who
          was told stays told: an incident that is opened again undoes only what was decided not to be owed.
Does not: say who may take a step, or who must sign; `TWO` names the steps that two officers take.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

OWED_WITHIN = timedelta(hours=72)  # GDPR Art. 33(1), from the moment at which somebody became aware


class Kind(StrEnum):
    """What went wrong (GDPR Art. 4(12))."""

    ACCESS = "access"
    LOSS = "loss"
    ALTERATION = "alteration"
    DISCLOSURE = "disclosure"


class Stage(StrEnum):
    """How far the work on it is."""

    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


class Authority(StrEnum):
    """What became of the notice to the authority (Art. 33)."""

    UNDECIDED = "undecided"
    TOLD = "told"
    NOT_OWED = "not-owed"


class People(StrEnum):
    """What became of the notice to the people whose data it touched (Art. 34)."""

    UNDECIDED = "undecided"
    TELLING = "telling"
    TOLD = "told"
    NOT_OWED = "not-owed"


class Risk(StrEnum):
    """What it may mean for people."""

    UNLIKELY = "unlikely"
    SOME = "some"
    HIGH = "high"


class Step(StrEnum):
    """Everything that can be done with an incident."""

    ASSESS = "assess"
    FILE = "file"  # the authority was told; later ones are additions, in phases
    AUTHORITY_NOT_OWED = "authority-not-owed"
    TELL = "tell"
    ALL_TOLD = "all-told"
    PEOPLE_NOT_OWED = "people-not-owed"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Place:
    """Where an incident stands on each track."""

    stage: Stage = Stage.OPEN
    authority: Authority = Authority.UNDECIDED
    people: People = People.UNDECIDED


TWO = frozenset({Step.AUTHORITY_NOT_OWED, Step.PEOPLE_NOT_OWED, Step.CLOSE})
BEGUN = frozenset({Stage.OPEN, Stage.ASSESSED})
KNOWN = frozenset({Stage.ASSESSED})
STAGES: Mapping[Step, frozenset[Stage]] = MappingProxyType(  # in which of them a step may be taken
    {
        Step.ASSESS: BEGUN, Step.FILE: BEGUN, Step.AUTHORITY_NOT_OWED: KNOWN, Step.TELL: KNOWN,
        Step.ALL_TOLD: BEGUN, Step.PEOPLE_NOT_OWED: KNOWN, Step.CLOSE: KNOWN, Step.REOPEN: frozenset({Stage.CLOSED}),
    }
)  # fmt: skip
AUTHORITY: Mapping[Step, Mapping[Authority, Authority]] = MappingProxyType(
    {
        Step.FILE: dict.fromkeys((Authority.UNDECIDED, Authority.TOLD), Authority.TOLD),
        Step.AUTHORITY_NOT_OWED: {Authority.UNDECIDED: Authority.NOT_OWED},
        Step.CLOSE: {one: one for one in (Authority.TOLD, Authority.NOT_OWED)},
        Step.REOPEN: {Authority.TOLD: Authority.TOLD, Authority.NOT_OWED: Authority.UNDECIDED},
    }
)
PEOPLE: Mapping[Step, Mapping[People, People]] = MappingProxyType(
    {
        Step.TELL: dict.fromkeys((People.UNDECIDED, People.TOLD), People.TELLING),
        Step.ALL_TOLD: {People.TELLING: People.TOLD},
        Step.PEOPLE_NOT_OWED: {People.UNDECIDED: People.NOT_OWED},
        Step.CLOSE: {one: one for one in (People.TOLD, People.NOT_OWED)},
        Step.REOPEN: {People.TOLD: People.TOLD, People.NOT_OWED: People.UNDECIDED},
    }
)
REACHES: Mapping[Step, Stage] = MappingProxyType(
    {Step.ASSESS: Stage.ASSESSED, Step.CLOSE: Stage.CLOSED, Step.REOPEN: Stage.OPEN}
)

KINDS = {
    Kind.ACCESS: "somebody looked who may not",
    Kind.LOSS: "data was lost, or cannot be reached",
    Kind.ALTERATION: "data was changed that should not have been",
    Kind.DISCLOSURE: "data went to somebody whom it was not meant for",
}
STAGE_WORDS = {
    Stage.OPEN: "open: what it means for people is not assessed yet",
    Stage.ASSESSED: "assessed",
    Stage.CLOSED: "closed by two officers",
}
AUTHORITY_WORDS = {
    Authority.UNDECIDED: "not decided yet",
    Authority.TOLD: "told",
    Authority.NOT_OWED: "not owed, by the word of two officers",
}
PEOPLE_WORDS = {
    People.UNDECIDED: "not decided yet",
    People.TELLING: "being told",
    People.TOLD: "told",
    People.NOT_OWED: "not owed, by the word of two officers",
}
RISKS = {
    Risk.UNLIKELY: "unlikely to do anybody harm",
    Risk.SOME: "may do somebody harm",
    Risk.HIGH: "likely to do people serious harm",
}


def after(place: Place, step: Step) -> Place | None:
    """Return where a step leads, or None where it cannot be taken."""
    if place.stage not in STAGES[step]:
        return None
    authority = AUTHORITY[step].get(place.authority) if step in AUTHORITY else place.authority
    people = PEOPLE[step].get(place.people) if step in PEOPLE else place.people
    if authority is None or people is None:
        return None
    return replace(place, stage=REACHES.get(step, place.stage), authority=authority, people=people)


def possible(place: Place) -> frozenset[Step]:
    """Return every step that can be taken from here."""
    return frozenset(step for step in Step if after(place, step))
