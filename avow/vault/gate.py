"""
The one decision about purposes: may this datum be opened for that?

    allowed in the text under which it was collected, and in the one in force, and declared for the field;
    or granted by the person; never against their objection

Why in one place, asked by every opening: a rule that each caller applies is a rule that one forgets.

Holds:    a purpose that is not stated cannot be opened for; a refusal is counted before it is raised.
Does not: open anything; see `opening`, `addresses` and `sealing`.
"""

from datetime import datetime
from uuid import UUID

from avow.errors import PurposeRefused
from avow.policy.promises import Promise, keeps
from avow.policy.purposes import Purpose, allowed
from avow.vault import catalogue, choices, governing, refusals
from avow.vault.choices import Choices


@keeps(Promise.PURPOSE_LIMIT)
def permit(person: UUID, label: str, policy: str, purpose: Purpose, *, now: datetime) -> None:
    """Return when a datum of this person, collected under this text, may be opened; else count and raise."""
    permit_all(person, [(label, policy)], purpose, now=now)


def permit_all(person: UUID, data: list[tuple[str, str]], purpose: Purpose, *, now: datetime) -> None:
    """Return when each of these data, named by label and text, may be opened; else count and raise for the first."""
    chosen = choices.of(person, now=now)
    for label, policy in data:
        if not permitted(label, policy, purpose, chosen, now=now):
            refusals.count(label, purpose, now=now)
            raise PurposeRefused(
                f"“{label}” may not be opened for {purpose.value}: the policy, then or now, does not name that, "
                "or the person said no; use it for what the policy names, or ask the person."
            )


def permitted(label: str, policy: str, purpose: Purpose, chosen: Choices, *, now: datetime) -> bool:
    """Decide without counting, for work in bulk where who may not be asked is left out."""
    declared = catalogue.FIELDS[label].purposes if label in catalogue.FIELDS else frozenset(Purpose)
    return allowed(
        purpose,
        collected_under=governing.purposes_under(policy) & declared,
        in_force=governing.in_force(now).bound.purposes & declared,
        granted=chosen.granted,
        objected=chosen.objected,
    )
