"""
The live checks of what goes to partners.

Holds:    what they try is undone before they end; nothing leaves.
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum

from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.sharing import aggregating, generalising, spending
from avow.sharing.aggregating import Price
from avow.sharing.generalising import NotAnonymous
from avow.sharing.release_models import Release, Spend
from avow.sharing.spec import Kind
from avow.vault import catalogue
from avow.vault.models import Egress, Recipient, RecipientGrant, RecipientKind

NOBODY = UUID("caca0000-0000-4000-8000-00000000b0de")
DRAWS = 400
KINDS = {"agent", "partner", "authority"}
CANARY: list[tuple[str, ...]] = [*[("Monday", "Firefox")] * 9, ("Monday", "Safari")]


@watches(Promise.NO_SALE, Promise.SHARING_LIMIT, every=timedelta(minutes=5))
def no_buyer_exists(_now: datetime) -> str | None:
    """Nobody is a recipient who could buy; all that left has its grant and sentence; no partner may have a field."""
    if set(RecipientKind.values) != KINDS or Recipient.objects.exclude(kind__in=KINDS).exists():
        return "there is a kind of recipient that the policy does not know"
    if Egress.objects.filter(Q(clause="") | Q(policy="") | Q(purpose="")).exists():
        return "something left under no sentence of the policy"
    if any(not set(row.what) <= set(row.grant.what) for row in Egress.objects.select_related("grant").iterator()):
        return "something left that its grant does not name"
    kinds = {kind.value for kind in Kind}
    named = {name for what in RecipientGrant.objects.filter(**PARTNERS).values_list("what", flat=True) for name in what}
    if named - kinds or named & set(catalogue.FIELDS):
        return "a partner was granted something else than releases"
    return None


PARTNERS = {"recipient__kind": RecipientKind.PARTNER, "ended_at": None}


@watches(Promise.AGGREGATE_RELEASE, every=timedelta(minutes=5))
def aggregates_keep_their_budget(now: datetime) -> str | None:
    """Nobody spent more than the policy allows, more is refused, and the noise is worth its price."""
    most = spending.limits(now)
    by_year = Spend.objects.values("dataset", "year").annotate(sum=Sum("thousandths"))
    by_partner = Spend.objects.values("dataset", "year", "partner").annotate(sum=Sum("thousandths"))
    if any(row["sum"] > most.year for row in by_year) or any(row["sum"] > most.partner for row in by_partner):
        return "more was spent of a privacy budget than the policy in force allows"
    if not _refuses_more(most.release + 1, now):
        return "a release that asks for more than the budget allows is not refused"
    published = set(Release.objects.filter(kind=Kind.FIGURES, state="published").values_list("attempt", flat=True))
    if published - set(Spend.objects.filter(committed_at__isnull=False).values_list("id", flat=True)):
        return "figures were published that spent nothing"
    return None if _is_noisy(Price(rho=10, pages=3, days=7)) else "the noise is too small for its price"


@watches(Promise.ANONYMISED_RELEASE, every=timedelta(minutes=5))
def row_releases_are_anonymous(_now: datetime) -> str | None:
    """Measure every published table again from its own bytes, and try a table in which one row stands alone."""
    for row in Release.objects.filter(kind=Kind.ROWS, state="published").iterator():
        columns, rows = generalising.from_csv(bytes(row.table or b""))
        if not _is_anonymous(columns, rows, row.spec["k"], row.spec["sensitive"]):
            return f"the rows that were published on {row.published_at:%d %B %Y} are not anonymous"
    if _is_anonymous(("weekday", "browser"), CANARY, 2, []):
        return "a table in which one row stands alone passes for anonymous"
    return None


def _is_anonymous(columns: tuple[str, ...], rows: list[tuple[str, ...]], k: int, sensitive: list[str]) -> bool:
    try:
        generalising.refuse_unless_anonymous(columns, rows, k=k, sensitive=sensitive)
    except NotAnonymous:
        return False
    return True


def _is_noisy(price: Price) -> bool:
    """Draw figures of nobody and see whether they are as far from nothing as their price says."""
    try:
        drawn = aggregating.noisy([0] * DRAWS, price)
    except AssertionError:
        return False
    spread = math.sqrt(sum(number * number for number in drawn) / DRAWS)
    return price.sigma / 2 < spread < price.sigma * 2  # of 400 draws, off by chance once in far more than 10^20 looks


def _refuses_more(thousandths: int, now: datetime) -> bool:
    with in_vain():
        try:
            spending.reserve(NOBODY, now.year, thousandths, release=NOBODY, spec_sha="0" * 64, now=now)
        except spending.OverBudget:
            return True
    return False
