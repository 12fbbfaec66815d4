"""
Accounts that nobody uses: their person is told, and when they do not come back the account is erased.

    told        a letter, or the account alone where there is no address, names the day
    comes back  any sign-in ends it
    erased      on that day, as any erasure: every store, the key, a certificate

Why only where the policy's table says for how long: `numbers.inactive_days` of a clause. Where no clause has it,
nothing happens, since nobody was told that an unused account goes.

Holds:    nobody is erased who was not told NOTICE before, nor who signed in since. Staff and canaries are left
          alone, and so is an account that an officer looks at, or that heirs want kept (`flags`). An erasure under way,
          or a hold, goes its own way (`erasing`). Told and looked at in batches; a run that is killed goes on, and one
          account that cannot be told keeps no other: the first such failure is raised at the end.
Assumes:  a session lasts two weeks at most, so the last sign-in is at most that much older than the last use.
"""

import os
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from avow.communications.classes import Message, MessageClass
from avow.communications.sending import send
from avow.errors import Erased
from avow.people.models import Account
from avow.requests import erasing
from avow.requests.flag_models import Decision, Flag, FlagKind
from avow.requests.models import UnusedAccount
from avow.vault import governing
from avow.vault.actor import SERVICE
from avow.vault.in_turn import in_turn

NOTICE = timedelta(days=30)
AT_ONCE = 200
LETTER = "account-unused"
NUMBER = "inactive_days"
KEPT = Q(decision="") | Q(kind=FlagKind.DECEASED, decision=Decision.AGREED)  # flags that keep an account nobody uses
LATE = timedelta(days=3)  # a worker that was away for a week-end is no broken promise


def days(now: datetime) -> int | None:
    """Return after how many days an account is unused: the text's number, or the stricter setting; None: never."""
    number, chosen = governing.in_force(now).bound.number(NUMBER), os.environ.get("AVOW_INACTIVE_DAYS", "")
    if number is None:
        return None
    return min([number.value, *([int(chosen)] if chosen.isdigit() else [])])


def look(*, now: datetime) -> int:
    """Tell who is due, and erase who did not come back; return how many were told or erased."""
    limit = days(now)
    if limit is None:
        UnusedAccount.objects.filter(erased=False).delete()  # the text says so no more: who was told stays
        return 0
    return tell(now=now, limit=timedelta(days=limit)) + erase(now=now, limit=timedelta(days=limit))


def tell(*, now: datetime, limit: timedelta) -> int:
    """Tell people whose account lay unused for so long that its day comes within NOTICE."""
    due = _untold(now - limit + NOTICE).order_by("pk").values_list("person", flat=True)
    return sum(in_turn(due[:AT_ONCE], lambda person: _tell(person, now)))


def erase(*, now: datetime, limit: timedelta) -> int:
    """Erase who was told and did not come back by the day."""
    due = (
        UnusedAccount.objects.filter(erase_at__lte=now, erased=False)
        .order_by("erase_at")
        .values_list("person", flat=True)
    )
    return sum(in_turn(due[:AT_ONCE], lambda person: _erase(person, now, limit)))


def late(*, now: datetime) -> tuple[int, int]:
    """Return how many should have been told by now, and how many erased, and were not; (0, 0) without a limit."""
    limit = days(now)
    if limit is None:
        return 0, 0
    untold = _untold(now - timedelta(days=limit) + NOTICE - LATE).count()
    return untold, UnusedAccount.objects.filter(erase_at__lte=now - LATE, erased=False).count()


def forget(person: UUID, **_: object) -> None:
    """End it: somebody signed in, or the account is closed; both signals call this."""
    UnusedAccount.objects.filter(person=person).delete()


def _is_unused(account: Account, before: datetime) -> bool:
    """Say whether today's text still calls the account unused."""
    return (account.last_login or account.opened_at) < before and account.desk_since is None and not account.canary


def _untold(before: datetime) -> QuerySet[Account]:
    """Return accounts last used before this moment whose people were not told."""
    unused = Q(last_login__lt=before) | Q(last_login=None, opened_at__lt=before)
    accounts = Account.objects.filter(unused, is_active=True, canary=False, desk_since=None)
    seen = UnusedAccount.objects.filter(person=OuterRef("person"))
    flagged = Flag.objects.filter(KEPT, person=OuterRef("person"))
    return accounts.exclude(Exists(seen)).exclude(Exists(flagged))


@transaction.atomic
def _tell(person: UUID, now: datetime) -> bool:
    if not UnusedAccount.objects.get_or_create(person=person, defaults={"told_at": now, "erase_at": now + NOTICE})[1]:
        return False
    try:
        send(person, Message(MessageClass.SECURITY, LETTER, {"until": f"{now + NOTICE:%-d %B %Y}"}), now=now)
    except Erased:
        transaction.set_rollback(True)
        return False
    return True


@transaction.atomic
def _erase(person: UUID, now: datetime, limit: timedelta) -> bool:
    row = UnusedAccount.objects.select_for_update(skip_locked=True).filter(person=person, erased=False).first()
    account = Account.objects.filter(person=person).first()
    if row is None:
        return False
    if account is None or not _is_unused(account, now - limit) or Flag.objects.filter(KEPT, person=person).exists():
        row.delete()
        return False
    UnusedAccount.objects.filter(person=person).update(erased=True)
    erasing.ask(person, by=SERVICE, now=now, channel="unused")
    return True
