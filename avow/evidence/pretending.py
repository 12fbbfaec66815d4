"""
A next version that is only there for a live check: published inside a transaction that the check undoes.

Holds:    it burns no version number and tells no log; outside the check's own transaction nobody ever sees it.
Assumes:  the caller rolls back.
"""

from datetime import date, datetime
from hashlib import sha256
from uuid import uuid4

from avow.evidence import versions
from avow.evidence.models import PolicyVersion
from avow.evidence.versions import Version

BY = "a live check"


def publish(raw: bytes, clauses: bytes, *, effective: date, now: datetime) -> Version:
    """Add a version after the newest one; a real publishing goes first, or waits until this is undone."""
    versions.one_at_a_time()
    newest = versions.all_versions()[-1]
    digest = sha256(raw).hexdigest()
    row = PolicyVersion(
        number=newest.number + 1, sha256=digest, parent=newest.sha256, raw=raw, effective_date=effective,
        published_at=now, published_by=BY, entry_id=uuid4(),
    )  # fmt: skip
    row.save(force_insert=True)
    row.bindings.create(sha256=sha256(clauses).hexdigest(), clauses=clauses, bound_at=now)
    return versions.read(digest)
