"""
What a new text would do to what people gave, and to who may receive it.

Why fields by name and no count of values: a sealed value is to be seen by nobody who does not name its person, not even
to be counted (row-level security). Which fields, and how many people, says as much.

Holds:    by the declarations that the gate obeys: a field counts where it is declared for the purpose. Nothing is
          opened.
Does not: ask anybody's objections or agreements; a line is a most.
"""

from django.conf import settings

from avow.policy.binding import BoundPolicy
from avow.policy.effects import Effect, added, dropped
from avow.policy.purposes import Purpose
from avow.vault import catalogue, persons
from avow.vault.models import RecipientGrant

TOLD = "are told; until each of them goes on, the text that they accepted governs"
AGREES, GOES_ON = "what was given before keeps its terms until its person agrees", "also what was given before"


def effects(before: BoundPolicy, after: BoundPolicy) -> list[Effect]:
    """Return them, people first."""
    said = AGREES if settings.OLD_DATA_ASKS else GOES_ON
    return [
        Effect("people", TOLD, persons.living(), "person"),
        *(_fields(purpose, "can be opened no more for {}: {}") for purpose in dropped(before, after)),
        *(
            _fields(purpose, f"may also be used for {{}}, once a person goes on ({said}): {{}}")
            for purpose in added(before, after)
        ),
        *_recipients(before, after),
    ]


def _fields(purpose: Purpose, says: str) -> Effect:
    names = sorted(field.label for field in catalogue.fields() if purpose in field.purposes)
    return Effect("data", says.format(purpose, ", ".join(names) or "none is declared for it"), len(names), "field")


def _recipients(before: BoundPolicy, after: BoundPolicy) -> list[Effect]:
    """Return how many grants nothing can leave under any more."""
    gone = _promises(before) - _promises(after)
    standing = RecipientGrant.objects.filter(ended_at=None).values_list("purpose", "promise")
    shut = sum(purpose not in after.purposes or promise in gone for purpose, promise in standing)
    return (
        [Effect("recipients", "let nothing out any more, since no sentence allows it", shut, "grant")] if shut else []
    )


def _promises(bound: BoundPolicy) -> set[str]:
    return {str(promise) for clause in bound.bound for promise in clause.promises}
