"""
Which purposes each published text permits: what the gate asks of the frozen versions.

Holds:    a text that nobody published permits nothing.
"""

from datetime import datetime

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


def clause_for(promise: Promise, version: Version) -> str | None:
    """Return the name of the first clause that makes a promise, for the log."""
    return next((clause.name for clause in version.bound.by_promise(promise)), None)
