"""
What may happen on a mail's word alone: the risk ladder, as one pure decision.

    no more messages     at once, for an address that is on file: it takes nothing from anybody and can be undone
    copy, erasure        a link goes to the address on file; only its button acts
    an unknown address   one neutral answer, the same whatever is held here
    a question           to the desk
    anything unsure      to the desk, and a person decides

Why so: the sender of a dropped file is whatever it says. So the ladder trusts only what comes back from the
mailbox of the person concerned.

Holds:    no way here hands out or destroys anything.
"""

from dataclasses import dataclass
from enum import StrEnum

from avow.requests.case_states import CONFIRMED_BY_MAIL, CaseKind
from avow.requests.intents import Reading

ORDER = (CaseKind.STOP, CaseKind.ACCESS, CaseKind.CORRECTION, CaseKind.ERASURE, CaseKind.QUESTION)


class Way(StrEnum):
    """What happens next."""

    STOP = "stop"
    CONFIRM = "confirm"
    DESK = "desk"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Step:
    """One case to open, and its way."""

    kind: CaseKind
    way: Way


@dataclass(frozen=True)
class Sender:
    """What is known of who wrote."""

    known: bool  # the address is on file, confirmed
    doubtful: bool = False  # a look-alike, a machine, or somebody else's address in the text


def steps(reading: Reading, sender: Sender) -> tuple[Step, ...]:
    """Return the cases that a mail opens; never none."""
    if not reading.sure or sender.doubtful:
        return (Step(CaseKind.UNSURE, Way.DESK),)
    wishes = [kind for kind in ORDER if kind in reading.intents]
    if sender.known:
        return tuple(Step(kind, _way(kind)) for kind in wishes)
    if CaseKind.QUESTION in wishes:
        return (Step(CaseKind.QUESTION, Way.DESK),)
    return (Step(wishes[0], Way.NEUTRAL),)


def _way(kind: CaseKind) -> Way:
    if kind is CaseKind.STOP:
        return Way.STOP
    return Way.CONFIRM if kind in CONFIRMED_BY_MAIL else Way.DESK
