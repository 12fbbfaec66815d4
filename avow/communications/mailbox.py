"""
The mailbox: whatever came is written down once, sealed, and waits there for the room that answers.

Why at once and sealed: the file it came in lies in clear. So it is read, sealed under the key of the person whose
address it names (or, of somebody unknown, under a key of its own that can be destroyed), committed, and only then
is the file removed. Nothing of it stands in clear in a table.

Holds:    one row a mail: the same Message-ID with the same content twice is the same row, however it came. A crash
          before the commit leaves the file; a crash after it leaves a file that is recognised. Whose address is on
          file is asked of confirmed addresses alone.
          A report about a mail of ours is read at once, and nothing of it is kept.
Assumes:  two databases do not commit together: a crash can leave a key that seals nothing.
Does not: believe the sender, or act on a person's mail. `requests` takes rows up and decides.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from avow.communications import hearing_back, loops, parsing, returned
from avow.communications.models import Incoming
from avow.communications.parsing import Letter
from avow.people import company, queries
from avow.people.install import secret
from avow.policy.purposes import Purpose
from avow.vault import addresses, erasure, subjects
from avow.vault.actor import SERVICE
from avow.vault.normalising import EMAIL
from avow.vault.sealing import open_blob, seal_blob

RETURNED = "returned"  # one of ours, read as such
LABEL = "mail"
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
REMEMBERED = timedelta(days=30)  # how long a mail that came again is recognised
MOST_A_DAY = 20  # mails of one sender that are read
MOST_AN_HOUR = 500  # mails in all; the rest waits in its folder
MACHINES = (RETURNED, *loops.NEVER)  # a storm of these keeps nobody's mail waiting


def leave(raw: bytes, *, now: datetime) -> Incoming:
    """Write one mail down, unless it was; return its row."""
    letter = parsing.read(raw, own=own_addresses(now))
    digest = hmac.digest(secret("mailbox"), sha256(parsing.message_id(raw)).digest() + sha256(raw).digest(), "sha256")
    if (letter.silent in loops.NEVER or not letter.address) and (report := returned.read(raw)):
        return once(digest, partial(hearing_back.note, report, now=now), now=now)[0]
    return leave_letter(letter, digest=digest, now=now)


@transaction.atomic
def once(digest: bytes, act: Callable[[], object], *, now: datetime) -> tuple[Incoming, bool]:
    """Act on a report about a mail of ours, unless it came before; nothing of the report is kept but its digest."""
    row, is_new = Incoming.objects.get_or_create(
        digest=digest, defaults={"came_at": now, "state": "filed", "reason": RETURNED}
    )
    if is_new:
        act()
    return row, is_new


def leave_letter(letter: Letter, *, digest: bytes, now: datetime) -> Incoming:
    """Write down a letter that was read, or typed into a form; the digest says which it is."""
    if known := Incoming.objects.filter(digest=digest).first():
        return known
    sender = addresses.blind_index(EMAIL, letter.address) if letter.address else None
    row = Incoming(digest=digest, sender=sender, came_at=now, state="waiting")
    if reason := _why_not_read(letter, sender, now):
        row.state, row.reason = "filed", reason
    return _keep(row, letter, now)


def _why_not_read(letter: Letter, sender: bytes | None, now: datetime) -> str:
    if sender is None:
        return letter.refusal or "no-sender"
    if letter.silent in loops.NEVER:
        return letter.silent
    today = Incoming.objects.filter(sender=sender, came_at__gt=now - A_DAY).count()
    return "too-many" if today >= MOST_A_DAY else ""


def _keep(row: Incoming, letter: Letter, now: datetime) -> Incoming:
    """Commit the row with its sealed letter; who comes second with the same mail gets the first's row."""
    if row.state == "waiting":
        row.person = queries.reachable(queries.person_at(letter.address, verified=True))
        row.subject = None if row.person else subjects.new_subject(now)
    with transaction.atomic():
        if whose := row.person or row.subject:
            row.sealed = seal_blob(whose, LABEL, json.dumps(asdict(letter)).encode(), now=now)
        Incoming.objects.bulk_create([row], ignore_conflicts=True)
    return Incoming.objects.get(digest=row.digest)


def open_letter(row: Incoming) -> Letter:
    """Open a mail that waits; for the service, at the step of the person who wrote."""
    whose = row.person or row.subject
    assert whose, "a mail that waits lies under somebody's key"
    content = json.loads(open_blob(whose, LABEL, bytes(row.sealed or b""), purpose=Purpose.RIGHTS, by=SERVICE))
    return Letter(**{**content, "unread": tuple(content["unread"])})


def settle(row: Incoming, state: str, reason: str, *, answered: bool = False, keeps_key: bool = False) -> None:
    """Empty a row that was taken up: its letter lies in a case now, or nowhere. `keeps_key` leaves its key to sweep."""
    Incoming.objects.filter(pk=row.pk).update(
        state=state, reason=reason, answered=answered, sealed=None, person=None,
        subject=row.subject if keeps_key else None,
    )  # fmt: skip


def waiting() -> list[UUID]:
    """Return what waits, the oldest first."""
    return list(Incoming.objects.filter(state="waiting").order_by("came_at", "pk").values_list("pk", flat=True))


def answered_lately(row: Incoming, now: datetime) -> int:
    """Count the automatic answers that this sender had within a day."""
    return Incoming.objects.filter(sender=row.sender, answered=True, came_at__gt=now - A_DAY).count()


def is_full(now: datetime) -> bool:
    """Say whether more came within the hour than is read."""
    return Incoming.objects.filter(came_at__gt=now - AN_HOUR).exclude(reason__in=MACHINES).count() >= MOST_AN_HOUR


def sweep(now: datetime) -> int:
    """Destroy keys that no case took over, then forget that mails came at all once they are old; return how many."""
    unneeded = Incoming.objects.exclude(state="waiting").filter(subject__isnull=False)
    for number, subject in unneeded.values_list("pk", "subject"):
        assert subject
        erasure.erase(subject, request=subject, asked_by=SERVICE, now=now)
        Incoming.objects.filter(pk=number).update(subject=None)
    old = Incoming.objects.exclude(state="waiting").filter(came_at__lt=now - REMEMBERED, subject=None)
    return int(old.delete()[0])


def own_addresses(now: datetime) -> frozenset[str]:
    """Return the addresses that are ours: what comes from them came back."""
    own = (company.contact(now), settings.MAIL_FROM)
    return frozenset(address.strip().lower() for address in own if address)
