"""
What personal data may be used for: the closed list, and the one decision.

Why here, without tables: the decision must be the same in the opener, in a
simulation of a new policy text and in a test, so it is a pure function.

Holds:    allowed if and only if the purpose is in the policy under which the
          datum was collected and in the one in force, or the person granted it;
          an objection goes before everything but the law and the person's own
          rights. So narrowing a policy acts at once on old data and widening never does.
Does not: know who asks. The opener records that.
"""

from collections.abc import Set
from enum import StrEnum


class Purpose(StrEnum):
    """Why a datum is opened; the value is what clauses.toml lists under `purposes`."""

    ACCOUNT = "account"  # create and run the account, sign in
    COMMUNICATION = "communication"  # write to the person
    PERSONALISATION = "personalisation"
    IMPROVEMENT = "improvement"
    ANALYSIS = "analysis"  # of how the service is used
    ANONYMISED_RELEASE = "anonymised-release"  # prepare what partners get
    AGENT_DELIVERY = "agent-delivery"  # give an agent the fields of its grant
    LEGAL = "legal"  # legal process, under a hold or a disclosure
    RIGHTS = "rights"  # show, export, correct or erase at the person's own wish
    SECURITY = "security"  # keep the service and its accounts safe


ALWAYS = frozenset({Purpose.RIGHTS})  # a person's rights need no clause and outlive every objection
BEYOND_OBJECTION = ALWAYS | {Purpose.ACCOUNT, Purpose.SECURITY, Purpose.LEGAL}  # without these there is no account


def allowed(
    purpose: Purpose,
    *,
    collected_under: Set[Purpose],
    in_force: Set[Purpose],
    granted: Set[Purpose] = frozenset(),
    objected: Set[Purpose] = frozenset(),
) -> bool:
    """Decide whether a datum may open for this purpose; the stricter of then and now, widened only by the person."""
    if purpose in ALWAYS:
        return True
    if purpose in objected - BEYOND_OBJECTION:
        return False
    return purpose in granted or purpose in (collected_under & in_force)
