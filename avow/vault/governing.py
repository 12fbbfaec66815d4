"""
Which purposes each published text permits: what the gate asks of the frozen versions.

Why every text since the accepted one and not just the two ends: what one text dropped and a later one took up again is
a widening, and needs a new acceptance.

Holds:    a text that nobody published permits nothing.
"""

from datetime import datetime
from functools import reduce

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


def purposes_since(accepted: str, collected: str, current: Version) -> frozenset[Purpose]:
    """Return what every text permits that governed since the accepted one, and the text of collection if newer."""
    published = versions.all_versions()
    numbers = {version.sha256: version.number for version in published}
    if accepted not in numbers or collected not in numbers:
        return frozenset()
    first, last = numbers[accepted], current.number
    counted = [
        version.bound.purposes
        for version in published
        if version.number in (first, last, max(first, numbers[collected]))
        or (first < version.number < last and version.effective_date <= current.effective_date)
    ]
    return reduce(frozenset.intersection, counted)


def clause_for(promise: Promise, version: Version) -> str | None:
    """Return the name of the first clause that makes a promise, for the log."""
    return next((clause.name for clause in version.bound.by_promise(promise)), None)
