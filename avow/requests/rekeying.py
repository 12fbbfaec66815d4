"""
Give an erasure that is under way another key, where a restore let go of its own.

Why: without one it could neither write down what its certificate will say nor be closed. What was written down is drawn
up again: the sentences and the limits are those of the same text. What each store had held stands with its answer.

Holds:    a crash leaves the old key named, and the restore asks again.
"""

from datetime import datetime
from uuid import UUID

from avow.evidence import versions
from avow.requests import planning
from avow.requests.models import Request
from avow.vault import subjects


def rekey(subject: UUID, *, now: datetime) -> int:
    """Give the erasure that this key belonged to a new one; return how many there were."""
    rows = list(Request.objects.filter(subject=subject, person__isnull=False))
    for row in rows:
        assert row.person is not None, "filtered so"
        fresh = subjects.new_subject(now)
        plan = planning.draw(row.person, versions.read(row.policy)) if row.sealed else None
        Request.objects.filter(pk=row.pk).update(subject=fresh, sealed=planning.seal(plan, fresh) if plan else None)
    return len(rows)
