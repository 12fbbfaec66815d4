"""
Run the live checks that are due, one after the other, and keep what they found.

Why each alone: a check that breaks must neither hide the others nor pass. Its own failure is a
failure of the promise it watches, said in a fixed sentence, since an exception's text may
hold what a person typed.

Holds:    the newest result of each check, one row a check and day for 90 days, and an entry in the log
          whenever a check begins to fail or recovers, never for a result that only repeats.
          A check that needs more than LIMIT counts as failing; PostgreSQL ends its statements by then.
Assumes:  one scheduler (the worker's); two would only write the same rows twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connections, transaction
from django.db.models import F

from avow.errors import NotFound
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.models import CheckDay, CheckResult
from avow.evidence.outbox import record
from avow.policy.promises import CHECKS, LiveCheck

LIMIT = timedelta(seconds=20)
KEPT = timedelta(days=90)
DATABASES = ("default", "avow_keys")


@dataclass(frozen=True)
class Result:
    """What one check found; `why` is empty when its promises hold."""

    check: str
    at: datetime
    why: str
    since: datetime
    took: timedelta

    @property
    def held(self) -> bool:
        """Whether the promises held."""
        return not self.why


def run_due(now: datetime, *, timer: Callable[[], float] = time.monotonic) -> list[Result]:
    """Run every check whose turn has come; one whose last result lies in the future is due, the clock went back."""
    last = dict(CheckResult.objects.values_list("check_name", "at"))
    due = [
        check for check in CHECKS.values() if not (check.name in last and now - check.every < last[check.name] <= now)
    ]
    results = [_run(check, now, timer) for check in due]
    if due:
        CheckDay.objects.filter(day__lt=(now - KEPT).date()).delete()
    return results


def run_one(name: str, now: datetime, *, timer: Callable[[], float] = time.monotonic) -> Result:
    """Run one check now, due or not."""
    if name not in CHECKS:
        raise NotFound(f"There is no live check called {name}.")
    return _run(CHECKS[name], now, timer)


def _run(check: LiveCheck, now: datetime, timer: Callable[[], float]) -> Result:
    """Run a check and keep its result."""
    began = timer()
    why = _ask(check, now)
    took = timedelta(seconds=timer() - began)
    if took > LIMIT:
        why = why or f"the check took longer than {LIMIT.seconds} s, so its answer came too late to count"
    return _keep(check, now, why, took)


def _ask(check: LiveCheck, now: datetime) -> str:
    """Return why the check does not hold, or nothing."""
    try:
        _limit(LIMIT)
        return check.run(now) or ""
    except Exception as broken:  # noqa: BLE001 - whatever a check raises must not end the others
        return f"the check itself broke: {type(broken).__name__}"
    finally:
        _limit(None)


def _limit(limit: timedelta | None) -> None:
    """Have PostgreSQL end statements that run longer, or lift that."""
    for database in DATABASES:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{limit.seconds}s" if limit else "0"])


@transaction.atomic
def _keep(check: LiveCheck, now: datetime, why: str, took: timedelta) -> Result:
    """Store a result, and tell the log when it differs from the one before."""
    before = CheckResult.objects.select_for_update().filter(check_name=check.name).first()
    turned = bool(why) != bool(before.why) if before else bool(why)
    since = before.since if before and not turned else now
    CheckResult.objects.update_or_create(
        check_name=check.name,
        defaults={"at": now, "why": why, "since": since, "took_ms": took // timedelta(milliseconds=1)},
    )
    day, _ = CheckDay.objects.get_or_create(check_name=check.name, day=now.date())
    counted = {"failed": F("failed") + 1, "why": why} if why else {"held": F("held") + 1}
    CheckDay.objects.filter(pk=day.pk).update(**counted)
    if turned:
        act = Act.CHECK_FAILED if why else Act.CHECK_RECOVERED
        record(Entry(act=act, at=now, promise=check.promises[0], evidence=sha256(check.name.encode()).digest()))
    return Result(check.name, now, why, since, took)
