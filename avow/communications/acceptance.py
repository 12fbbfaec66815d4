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
Does not: say that anybody read it. It says that it was shown.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from avow.communications import notices
from avow.communications.models import PolicyNotice
from avow.errors import Erased
from avow.evidence.acts import Act
from avow.policy.promises import Promise, keeps
from avow.vault import accepting, persons
from avow.vault.attesting import attest


@keeps(Promise.NOTICE_WITHOUT_MAIL)
@transaction.atomic
def shown(person: UUID, policies: Collection[str], *, now: datetime) -> int:
    """Keep that a page carried these notices to their person; return how many had not been shown before."""
    if persons.standing(person).erasing_since is not None:
        return 0
    rows = list(_locked(person).filter(version__in=list(policies), shown_at=None))
    for row in rows:
        row.shown_at = now
        row.save(update_fields=["shown_at"])
        attest(person, Act.NOTICE_SHOWN, promise=Promise.NOTICE_WITHOUT_MAIL, actor="service", now=now)
    return len(rows)


def used(person: UUID, *, now: datetime) -> int:
    """Take note that the person used the service; return how many versions they accepted by it."""
    if not any(may_accept(row, now) for row in notices.open_for(person)):
        return 0
    try:
        return _accept(person, now)
    except Erased:
        return 0


def may_accept(row: PolicyNotice, now: datetime) -> bool:
    """Say whether use at this moment accepts this notice."""
    return row.accepted_at is None and row.shown_at is not None and row.shown_at < now and row.effective_at <= now


@keeps(Promise.ACCEPTANCE_BY_USE)
@transaction.atomic
def _accept(person: UUID, now: datetime) -> int:
    locked = set(_locked(person).filter(accepted_at=None).values_list("pk", flat=True))
    rows = [row for row in notices.open_for(person) if row.pk in locked and may_accept(row, now)]
    for row in rows:
        row.accepted_at = now
        row.save(update_fields=["accepted_at"])
        accepting.accept(person, row.version, now=now)
    return len(rows)


def _locked(person: UUID) -> QuerySet[PolicyNotice]:
    return PolicyNotice.objects.select_for_update().filter(person=person)
