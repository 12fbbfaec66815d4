"""
Keys that are nobody's: a request has one of its own, which outlives the person's by a little.

Why: what a certificate must say is written down before the person's key goes, and must open for the saga until the
end. So it lies under the request's key, and that is punctured last.

Holds:    a subject works with seal_blob, open_blob and erase like a person, and counts nowhere as one.
"""

from datetime import datetime
from uuid import UUID

from avow.vault.enrolment import enrol
from avow.vault.models import PersonKind


def new_subject(now: datetime) -> UUID:
    """Return a fresh key of its own."""
    return enrol(kind=PersonKind.SUBJECT, now=now)
