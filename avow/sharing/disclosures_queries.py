"""What pages may ask about cases of the law: the desk sees the cases, everybody the counts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from avow.errors import Erased
from avow.policy.purposes import Purpose
from avow.sharing.disclosures import NOTE
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import CLASSES, LEFT, MEANING, Class, State, may
from avow.vault import sealing
from avow.vault.models import Recipient


@dataclass(frozen=True)
class Case:
    """One case on the desk; whose it is does not show."""

    row: Disclosure
    authority: str
    necessity: str = ""  # the drafter's words, for the officer who is to sign; empty once it is signed

    @property
    def kind(self) -> str:
        """On what it rests, in words."""
        return CLASSES[Class(self.row.kind)]

    @property
    def meaning(self) -> str:
        """Where it stands, in words."""
        return MEANING[State(self.row.state)]

    def open_to(self, officer: UUID) -> list[tuple[str, str]]:
        """Return what this officer can do with it now: the step and the words on its button."""
        steps = ((State.APPROVED, "approve", "Approve it"), (State.PACKED, "pack", "Make the package"),
                 (State.HANDED_OVER, "hand-over", "Hand it over: download the package"),
                 (State.WITHDRAWN, "withdraw", "Withdraw it"))  # fmt: skip
        own = self.row.drafted_by == officer
        state = State(self.row.state)
        return [(step, words) for to, step, words in steps if may(state, to) and not (to is State.APPROVED and own)]


def cases(officer: UUID, now: datetime, *, signs: bool) -> list[Case]:
    """Return all cases but those about whoever looks, the newest first; why, only for who may sign."""
    rows = list(Disclosure.objects.exclude(person=officer).order_by("-drafted_at"))
    names = dict(Recipient.objects.filter(pk__in={row.recipient for row in rows}).values_list("id", "name"))
    return [Case(row, names[row.recipient], _necessity(row, now) if signs else "") for row in rows]


def _necessity(row: Disclosure, now: datetime) -> str:
    """Open the drafter's own words while a second signature is due; they are no datum that the person gave."""
    if row.state != State.DRAFTED or row.person is None or row.sealed_note is None:
        return ""
    try:
        return sealing.open_blob(row.person, NOTE, bytes(row.sealed_note), purpose=Purpose.LEGAL, now=now).decode()
    except Erased:
        return ""


def counts() -> list[tuple[str, int, int]]:
    """Return for each class, in words, how many cases there were and in how many something was handed over."""
    rows = list(Disclosure.objects.values_list("kind", "state"))
    return [
        (words, sum(kind == one for kind, _ in rows), sum(kind == one and state in LEFT for kind, state in rows))
        for one, words in CLASSES.items()
    ]
