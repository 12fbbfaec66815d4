"""What a new text would do to releases that are on their way: which could not be published under it."""

from avow.policy.binding import BoundPolicy
from avow.policy.effects import Effect
from avow.policy.purposes import Purpose
from avow.sharing.making import PROMISE
from avow.sharing.release_models import MOVES, Release
from avow.sharing.spec import Kind

OPEN = [state for state, moves in MOVES.items() if moves]
BUDGET = "rho_release_thousandths"


def effects(after: BoundPolicy) -> list[Effect]:
    """Return them."""
    rows = Release.objects.filter(state__in=OPEN).values_list("kind", "spec__rho")
    shut = sum(not _allowed(after, Kind(kind)) for kind, _ in rows)
    dear = sum(_allowed(after, Kind(kind)) and kind == Kind.FIGURES and rho > _most(after) for kind, rho in rows)
    found = [
        Effect("releases", "in preparation are allowed by no sentence any more", shut, "release"),
        Effect("releases", "in preparation cost more than one may then spend", dear, "release"),
    ]
    return [one for one in found if one.number]


def _allowed(bound: BoundPolicy, kind: Kind) -> bool:
    return bool(bound.by_promise(PROMISE[kind])) and Purpose.ANONYMISED_RELEASE in bound.purposes


def _most(bound: BoundPolicy) -> int:
    number = bound.number(BUDGET)
    return number.value if number else 0
