"""
The ledger of privacy budget: what releases of figures have spent on one year's use.

Why all partners together as well: two of them may lay their figures side by side. Why by the year of the use and not
of the release: what is spent on somebody's visits never comes back by waiting; new visits have a budget of their own.

Holds:    reserve, then count, then commit. Reserving is one transaction of its own under the lock of the year's row,
          so that two at once never spend the same rest, and a crash after it leaves the budget spent.
          There is no way to reset it, and the database refuses to change a row.
Assumes:  costs add up (zero-concentrated differential privacy does that).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum

from avow.errors import Refused
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.outbox import record
from avow.policy.promises import Promise
from avow.sharing.release_models import Budget, Spend
from avow.vault import governing

USAGE = "usage"


class OverBudget(Refused):
    """The budget of a partner, or of a year's use, has not enough left."""

    code = "over-budget"


@dataclass(frozen=True)
class Limits:
    """What the policy in force allows, in thousandths."""

    release: int
    partner: int
    year: int


def limits(now: datetime) -> Limits:
    """Return the limits that the policy in force sets; where it sets none, nothing may be spent."""
    bound = governing.in_force(now).bound
    found = [bound.number(f"rho_{what}_thousandths") for what in ("release", "partner_year", "year")]
    return Limits(*(number.value if number else 0 for number in found))


def spent(year: int, *, partner: UUID | None = None, dataset: str = USAGE) -> int:
    """Return what was spent on a year's use, by one partner or by all."""
    rows = Spend.objects.filter(dataset=dataset, year=year)
    rows = rows.filter(partner=partner) if partner else rows
    return int(rows.aggregate(sum=Sum("thousandths"))["sum"] or 0)


def why_not(partner: UUID, year: int, thousandths: int, *, now: datetime) -> list[str]:
    """Return in sentences what stands against spending this, or nothing."""
    most, reasons = limits(now), list[str]()
    if thousandths > most.release:
        reasons.append(
            f"One release may spend {said(most.release)} and this asks for {said(thousandths)}: ask for less."
        )
    for whose, of, limit in (("this partner", partner, most.partner), ("all partners together", None, most.year)):
        rest = limit - spent(year, partner=of)
        if thousandths > rest:
            reasons.append(
                f"Of the budget that {whose} may spend on use in {year}, {said(max(rest, 0))} is left and this asks "
                f"for {said(thousandths)}: ask for less, or report on {year + 1}, which has a budget of its own."
            )
    return reasons


@transaction.atomic
def reserve(partner: UUID, year: int, thousandths: int, *, release: UUID, spec_sha: str, now: datetime) -> UUID:
    """Spend this, whatever comes after it; return the ledger's number. Raises OverBudget."""
    lock(year)
    if reasons := why_not(partner, year, thousandths, now=now):
        raise OverBudget(" ".join(reasons))
    row = Spend.objects.create(
        id=uuid4(), dataset=USAGE, year=year, partner=partner, release=release, spec_sha=spec_sha,
        thousandths=thousandths, reserved_at=now,
    )  # fmt: skip
    version = governing.in_force(now)
    clause = governing.clause_for(Promise.AGGREGATE_RELEASE, version)
    written = sha256(f"{row.id} {spec_sha} {thousandths}".encode()).digest()
    record(
        Entry(
            act=Act.BUDGET_SPENT, at=now, promise=Promise.AGGREGATE_RELEASE, clause=clause, policy=version.sha256,
            evidence=written, actor="staff",
        )
    )  # fmt: skip
    return row.id


def lock(year: int) -> None:
    """Have whoever else releases anything on this year's use wait until the transaction ends."""
    Budget.objects.bulk_create([Budget(dataset=USAGE, year=year)], ignore_conflicts=True)
    Budget.objects.select_for_update().get(dataset=USAGE, year=year)


def commit(number: UUID, *, now: datetime) -> None:
    """Note that what was reserved led to a release."""
    Spend.objects.filter(pk=number, committed_at=None).update(committed_at=now)


def said(thousandths: int) -> str:
    """Say an amount of budget."""
    return f"{thousandths / 1000:.3f}"
