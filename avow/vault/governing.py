"""
Which purposes each published text permits: what the gate asks of the frozen versions.

    a datum stands by every text from the older of the one it was collected under and the one that its person
    accepted, to the one in force; from the newest one whose terms they agreed to for what they gave before, if later

Why every text between and not just the two ends: what one text dropped and a later one took up again is a widening.

Why agreement apart from acceptance: who goes on using a service accepts its terms for what they give from then on. That
what they gave before may be used for more takes a yes of its own, where the law that the house holds to asks one
(`law.toml`, L4: GDPR Art. 5(1)(b), 6(4); FTC, 13 February 2024). Under AVOW_LAW=none acceptance reaches it too.

Holds:    a text that nobody published permits nothing. Agreeing never widens beyond the text in force.
"""

from datetime import datetime
from functools import reduce

from django.conf import settings

from avow.errors import NotFound
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose


def in_force(now: datetime) -> Version:
    """Return the version that governs now."""
    return versions.in_force(now)


def purposes_under(policy: str) -> frozenset[Purpose]:
    """Return what the text with this sha256 permits."""
    try:
        return versions.read(policy).bound.purposes
    except NotFound:
        return frozenset()


def purposes_since(accepted: str, collected: str, current: Version, *, agreed: str = "") -> frozenset[Purpose]:
    """Return what every text permits by which a datum stands, for a person who accepted one and agreed to one."""
    published = versions.all_versions()
    numbers = {version.sha256: version.number for version in published}
    if accepted not in numbers or collected not in numbers:
        return frozenset()
    first = since(numbers[accepted], numbers[collected], numbers.get(agreed, 0))
    last = current.number
    counted = [
        version.bound.purposes
        for version in published
        if version.number in (first, last, max(first, numbers[collected]))
        or (first < version.number < last and version.effective_date <= current.effective_date)
    ]
    return reduce(frozenset.intersection, counted)


def since(accepted: int, collected: int, agreed: int) -> int:
    """Return the place of the first text by which a datum stands."""
    return max(agreed, min(accepted, collected)) if settings.OLD_DATA_ASKS else accepted


def clause_for(promise: Promise, version: Version) -> str | None:
    """Return the name of the first clause that makes a promise, for the log."""
    return next((clause.name for clause in version.bound.by_promise(promise)), None)
