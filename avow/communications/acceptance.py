"""
When a notice was shown to a person, and when their use of the service counts as acceptance.

    accepted = the first use of the service by the signed-in person
               at or after the moment the text takes effect, and after a page had carried the notice to them

Why so narrow: who comes only to read the policy, look at their data, take a copy, object or leave must not be said to
have accepted anything. What is a use of the service, the caller says (`web.noticing`, the host API); it is never a
beacon, a token call or a mail that was opened.

Holds:    shown once, accepted once, whatever tabs and workers do at once: both are written under the row's lock, and
          the database refuses an acceptance before its showing or before the text is in effect. With a clock that was
          set back, nothing is accepted until it has passed the showing again. Both acts are in the log without a name.
          Whoever accepts has a receipt: version, the notice by the hash of what was rendered, channel, both moments and
          what they did; no address of the network, and no browser.
Does not: say that anybody read it. It says that it was shown.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from avow.communications import notices, rendering
from avow.communications.models import PolicyNotice
from avow.communications.rendering import Rendered
from avow.errors import Erased
from avow.evidence import statements
from avow.evidence.acts import Act
from avow.evidence.entries import stamp
from avow.policy.promises import Promise, keeps
from avow.vault import accepting, persons
from avow.vault.attesting import attest


@keeps(Promise.NOTICE_WITHOUT_MAIL)
@transaction.atomic
def shown(person: UUID, carried: Mapping[str, Rendered], *, now: datetime) -> int:
    """Keep that these notices were carried to their person, as rendered; return how many had not been shown before."""
    if persons.standing(person).erasing_since is not None:
        return 0
    rows = list(_locked(person).filter(version__in=list(carried), shown_at=None))
    for row in rows:
        one = carried[row.version]
        row.shown_at, row.shown_by, row.shown_as = now, one.channel, rendering.keep(row.version, one, now=now)
        row.save(update_fields=["shown_at", "shown_by", "shown_as"])
        attest(person, Act.NOTICE_SHOWN, promise=Promise.NOTICE_WITHOUT_MAIL, actor="service", now=now)
    return len(rows)


def used(person: UUID, *, by: str, now: datetime) -> int:
    """Take note that the person used the service, and by what; return how many versions they accepted by it."""
    if not any(may_accept(row, now) for row in notices.open_for(person)):
        return 0
    try:
        return _accept(person, by, now)
    except Erased:
        return 0


def may_accept(row: PolicyNotice, now: datetime) -> bool:
    """Say whether use at this moment accepts this notice."""
    return row.accepted_at is None and row.shown_at is not None and row.shown_at < now and row.effective_at <= now


@keeps(Promise.ACCEPTANCE_BY_USE)
@transaction.atomic
def _accept(person: UUID, by: str, now: datetime) -> int:
    persons.lock(person)  # before the rows, as everybody does who needs both
    locked = set(_locked(person).filter(accepted_at=None).values_list("pk", flat=True))
    rows = [row for row in notices.open_for(person) if row.pk in locked and may_accept(row, now)]
    for row in rows:
        accepting.accept(person, row.version, now=now)
        row.accepted_at, row.accepted_by = now, by
        row.receipt = _receipt(row, now)
        row.save(update_fields=["accepted_at", "accepted_by", "receipt"])
    return len(rows)


def _receipt(row: PolicyNotice, now: datetime) -> UUID:
    """Write what the person can carry away, under the log's signature; who it is, only they can show."""
    assert row.shown_at is not None, "what is accepted was shown"
    assert row.accepted_at is not None, "a receipt is of an acceptance"
    body = {
        "of": "acceptance",
        "version": row.version,
        "effective": stamp(row.effective_at),
        "notice": row.shown_as,
        "channel": row.shown_by,
        "shown": stamp(row.shown_at),
        "accepted": stamp(row.accepted_at),
        "by": row.accepted_by,
    }
    line = statements.said("receipt", body)
    noted = attest(
        row.person, Act.RECEIPT_ISSUED, promise=Promise.ACCEPTANCE_BY_USE, evidence=sha256(line).digest(),
        actor="service", now=now,
    )  # fmt: skip
    statements.keep("receipt", line, noted.entry_id)
    return noted.entry_id


def _locked(person: UUID) -> QuerySet[PolicyNotice]:
    return PolicyNotice.objects.select_for_update().filter(person=person)
