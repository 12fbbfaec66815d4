"""What pages may ask about cases of the law: the desk sees the cases, everybody the counts."""

from dataclasses import dataclass
from uuid import UUID

from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import CLASSES, LEFT, MEANING, Class, State, may
from avow.vault.models import Recipient


@dataclass(frozen=True)
class Case:
    """One case on the desk; whose it is does not show."""

    row: Disclosure
    authority: str

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


def cases(officer: UUID) -> list[Case]:
    """Return all cases but those about the officer who looks, the newest first."""
    rows = list(Disclosure.objects.exclude(person=officer).order_by("-drafted_at"))
    names = dict(Recipient.objects.filter(pk__in={row.recipient for row in rows}).values_list("id", "name"))
    return [Case(row, names[row.recipient]) for row in rows]


def counts() -> list[tuple[str, int, int]]:
    """Return for each class, in words, how many cases there were and in how many something was handed over."""
    rows = list(Disclosure.objects.values_list("kind", "state"))
    return [
        (words, sum(kind == one for kind, _ in rows), sum(kind == one and state in LEFT for kind, state in rows))
        for one, words in CLASSES.items()
    ]
