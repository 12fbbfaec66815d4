"""
The one decision about purposes: may this datum be opened for that?

    allowed in the text in force and in every text since the one that the person accepted (the one they signed up under,
    until they went on using the service after being shown a newer one) or the one that the datum was collected under if
    that is older, unless the person agreed to a newer one for it (`governing`); and declared for the field;
    or granted by the person; never against their objection; and for a use that a field asks for, only with the
    person's yes to that use of that field

Why in one place, asked by every opening: a rule that each caller applies is a rule that one forgets.

Holds:    a purpose that is not stated cannot be opened for; a refusal is counted before it is raised. What a text no
          longer names ends at once, for old data too. What a text adds reaches what a person gives once they accepted
          it, and what they gave before once they agreed. Who accepts nothing (a check's own key) keeps the text of
          collection.
Does not: open anything; see `opening`, `addresses` and `sealing`.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from avow.errors import PurposeRefused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose, allowed
from avow.vault import catalogue, choices, governing, refusals
from avow.vault.canary import CANARY
from avow.vault.choices import Choices

HELD = "held:"  # labels of what a legal hold keeps: for the law alone, not even for a right of the person


@keeps(Promise.PURPOSE_LIMIT, Promise.USE_UNDER_VERSION)
def permit(person: UUID, data: Iterable[tuple[str, str]], purpose: Purpose, *, now: datetime) -> None:
    """Return when each of these data, named by label and text, may be opened; else count and raise for the first."""
    rules, chosen = Rules(now), choices.of(person, now=now)
    for label, policy in data:
        if not rules.permit(label, policy, purpose, chosen):
            if person != CANARY:  # a live check that tries the gate each minute would bury what was really refused
                refusals.count(label, purpose, now=now)
            raise PurposeRefused(
                f"“{label}” may not be opened for {purpose.value}: the policy, then or now, does not name that, "
                "or the person said no; use it for what the policy names, or ask the person."
            )


class Rules:
    """What the published texts and the catalogue permit at one moment, read once for a whole act."""

    def __init__(self, now: datetime) -> None:
        self.in_force = governing.in_force(now)
        self._purposes: dict[tuple[str, str, str], frozenset[Purpose]] = {}

    def permit(self, label: str, policy: str, purpose: Purpose, chosen: Choices) -> bool:
        """Decide for one datum, without counting: for work in bulk, where who may not be asked is left out."""
        if label.startswith(HELD):
            return purpose is Purpose.LEGAL and purpose in self.in_force.bound.purposes
        field = catalogue.FIELDS.get(label)
        declared = field.purposes if field else frozenset(Purpose)
        if field and purpose in field.asks and (label, purpose) not in chosen.granted_for:
            return False
        return allowed(
            purpose,
            collected_under=self._under(policy, chosen.governed, chosen.agreed) & declared,
            in_force=self.in_force.bound.purposes & declared,
            granted=chosen.granted,
            objected=chosen.objected,
        )

    def _under(self, policy: str, accepted: str, agreed: str) -> frozenset[Purpose]:
        """Return what the texts before the one in force permit; asked once for each three of texts."""
        if (policy, accepted, agreed) not in self._purposes:
            self._purposes[policy, accepted, agreed] = (
                governing.purposes_since(accepted, policy, self.in_force, agreed=agreed)
                if accepted
                else governing.purposes_under(policy)
            )
        return self._purposes[policy, accepted, agreed]
