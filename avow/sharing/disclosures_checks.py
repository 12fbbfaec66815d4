"""
Live check of the law's cases: a canary's case goes the whole way in vain, and every real one was signed by two.

Holds:    what the check writes is rolled back, and nobody is told anything.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID

from avow.errors import BadInput, Refused
from avow.people import canary
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.sharing import disclosures, disclosures_packing
from avow.sharing.disclosures import Wish
from avow.sharing.disclosures_models import Disclosure
from avow.sharing.disclosures_states import LEFT, Class
from avow.vault.models import Egress, RecipientKind

ONE, OTHER = UUID("caca0000-0000-4000-8000-0000000000f1"), UUID("caca0000-0000-4000-8000-0000000000f2")
A_DAY = timedelta(days=1)


@watches(Promise.LEGAL_DISCLOSURE, every=timedelta(minutes=10))
def disclosures_are_signed_by_two(now: datetime) -> str | None:
    """Try to pack a canary's case with one signature, then with two; compare the ledger with the cases."""
    canary.account(now)
    with in_vain():
        if not _refuses_everything(now):
            return "a case without an end, or for everything, was not refused"
        case = disclosures.draft(_wish(now), by=ONE, now=now)
        if not _is_refused(lambda: disclosures_packing.pack(case, by=ONE, now=now)):
            return "a case was packed that nobody but its author had signed"
        if not _is_refused(lambda: disclosures.approve(case, by=ONE, now=now)):
            return "the officer who drafted a case could approve it"
        disclosures.approve(case, by=OTHER, now=now)
        disclosures_packing.pack(case, by=ONE, now=now)
        if set(json.loads(disclosures_packing.hand_over(case, now=now))["fields"]) != {"name"}:
            return "a package holds other fields than its case names"
    return _ledger_differs()


def _ledger_differs() -> str | None:
    """Return what left to an authority without a case that two signed, or None."""
    left = set(Egress.objects.filter(recipient__kind=RecipientKind.AUTHORITY).values_list("id", flat=True))
    signed = Disclosure.objects.filter(state__in=LEFT, approved_by__isnull=False).values_list("egress", flat=True)
    without = left - set(signed)
    return f"{len(without)} disclosures left without a case that two officers signed" if without else None


def _wish(now: datetime, **other: object) -> Wish:
    plain = {
        "authority": "canary authority", "kind": Class.LEGAL_PROCESS, "basis": "live check", "person": canary.PERSON,
        "fields": ["name"], "since": now - A_DAY, "until": now + A_DAY, "necessity": "to try whether two must sign",
        "withheld_until": now + A_DAY,
    }  # fmt: skip
    return Wish(**{**plain, **other})  # type: ignore[arg-type]


def _refuses_everything(now: datetime) -> bool:
    every = [field.name for field in disclosures.in_scope()]
    wishes = (_wish(now, fields=every), _wish(now, until=None))
    return all(_is_refused(lambda one=one: disclosures.draft(one, by=ONE, now=now)) for one in wishes)


def _is_refused(act: object) -> bool:
    try:
        act()  # type: ignore[operator]
    except (Refused, BadInput):
        return True
    return False
