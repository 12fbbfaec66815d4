"""
Give a partner the link under which it reads what was released to it.

Why a link and no account: what is behind it is anonymous, and a company that reads a report once a month needs no
password that somebody leaves on a note.

Holds:    the link opens while its time lasts, nobody revoked it and the partner's grant stands; else it is as if it
          had never been. The token is kept nowhere: only its hash. Each reading and each download is counted.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import F

from avow.errors import NoGrant, NotFound, NotYet
from avow.policy.purposes import Purpose
from avow.sharing.proposing import find
from avow.sharing.release_models import Handover, Release
from avow.vault import egress

LASTS, LENGTH = timedelta(days=30), 32  # bytes
CLOSED = "This link does not open anything, or does not any more; ask the company that gave it to you for a new one."


def make_link(release: UUID, *, now: datetime, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a fresh token for a published release; it is shown this once."""
    row = find(release)
    if row.state != "published":
        raise NotYet("Only what was published can be handed over; publish it first.")
    token = random(LENGTH).hex()
    Handover.objects.create(token_sha=_sha(token), release=row, made_at=now, ends_at=now + LASTS)
    return token


def revoke(release: UUID, *, now: datetime) -> int:
    """Close every link of a release; return how many were open."""
    return Handover.objects.filter(release=release, revoked_at=None).update(revoked_at=now)


@transaction.atomic
def read(token: str, *, now: datetime, download: bool = False) -> Release:
    """Return the release behind a token and count the reading; one answer for every link that does not open."""
    found = Handover.objects.filter(token_sha=_sha(token), revoked_at=None, made_at__lte=now, ends_at__gt=now)
    row = found.select_related("release").first()
    if row is None or not _granted(row.release, now):
        raise NotFound(CLOSED)
    found.update(**({"downloaded": F("downloaded") + 1} if download else {"opened": F("opened") + 1}))
    return row.release


def _granted(release: Release, now: datetime) -> bool:
    try:
        egress.permit(release.partner, [release.kind], Purpose.ANONYMISED_RELEASE, now=now)
    except NoGrant:
        return False
    return True


def _sha(token: str) -> str:
    return sha256(token.encode()).hexdigest()
