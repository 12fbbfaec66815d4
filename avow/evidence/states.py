"""
What is known now about each promise: one of five states, with the reason in one sentence.

Why five and not two: "green" must mean that a check which can fail has passed a short while ago.
Everything else has its own name, and none of those names is green.

    holds           every check of it passed lately, and each was seen to fail when its mechanism was broken
    stale           a check is too old, says it ran in the future, or was not (or no longer) seen to fail
    failing         a check says that it does not hold
    not testable    no machine can test it; an office answers for it until a date
    no mechanism    nothing keeps it yet, or nothing watches it

Holds:    of several checks the worst counts; of several promises behind one sentence as well.
          A clock set back or forward makes a promise stale, never green.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from avow.evidence import shown
from avow.evidence.models import Attestation, CheckResult
from avow.policy.clauses import Clause, Kind
from avow.policy.promises import CHECKS, KEEPERS, LiveCheck, Promise


class State(StrEnum):
    """What a mark beside a sentence says, the best first."""

    HOLDS = "holds"
    NOT_TESTABLE = "not-testable"
    STALE = "stale"
    NO_MECHANISM = "no-mechanism"
    FAILING = "failing"


WORSE = list(State)  # the order above is the order of badness


@dataclass(frozen=True)
class LatestResult:
    """The newest result of one check, as a page shows it; `at` is None before its first run."""

    check: str
    state: State
    why: str
    at: datetime | None
    since: datetime | None


@dataclass(frozen=True)
class Evidence:
    """What is known about a promise or a sentence."""

    state: State
    why: str
    since: datetime | None = None
    checks: tuple[LatestResult, ...] = ()
    attested_by: str | None = None
    until: datetime | None = None


def state_of(promise: Promise, now: datetime) -> Evidence:
    """Return what is known about one promise."""
    return states([promise], now)[promise]


def states(promises: Iterable[Promise], now: datetime) -> dict[Promise, Evidence]:
    """Return what is known about each of these promises, in two queries."""
    wanted = list(promises)
    results = {row.check_name: row for row in CheckResult.objects.all()}
    attested = {
        row.promise: row for row in Attestation.objects.filter(promise__in=[p.value for p in wanted]).order_by("id")
    }
    return {promise: _judge(promise, results, attested.get(promise.value), now) for promise in wanted}


def state_of_clause(clause: Clause, now: datetime) -> Evidence | None:
    """Return what is known about a sentence: the worst of its promises; None when it needs no mechanism."""
    if clause.kind is Kind.STATEMENT:
        return None
    if not clause.promises:
        return Evidence(State.NO_MECHANISM, "No promise that the service can keep is bound to this sentence yet.")
    return together(clause.promises, states(clause.promises, now))


def together(promises: Sequence[Promise], known: Mapping[Promise, Evidence]) -> Evidence:
    """Return the worst of these promises, saying which it is about where there are several; of equals the first."""
    worst = max(promises, key=lambda promise: WORSE.index(known[promise].state))
    if len(promises) == 1:
        return known[worst]
    about = worst.meaning[:1].upper() + worst.meaning[1:]
    checks = {one.check: one for promise in promises for one in known[promise].checks}
    return replace(known[worst], why=f"{about}: {known[worst].why}", checks=tuple(checks.values()))


def _judge(promise: Promise, results: dict[str, CheckResult], attested: Attestation | None, now: datetime) -> Evidence:
    """Weigh the checks of one promise and what people attest."""
    checks = sorted((check for check in CHECKS.values() if promise in check.promises), key=lambda check: check.name)
    latest = tuple(_look(check, results.get(check.name), now) for check in checks)
    if latest and KEEPERS.get(promise):
        decisive = max(latest, key=lambda one: WORSE.index(one.state))
        return Evidence(decisive.state, decisive.why, decisive.since, latest, *_attested(attested))
    if attested:
        return _by_hand(attested, now)
    why = "Nothing watches it yet." if KEEPERS.get(promise) else "Nothing keeps it yet."
    return Evidence(State.NO_MECHANISM, why, checks=latest)


def _attested(attested: Attestation | None) -> tuple[str | None, datetime | None]:
    return (attested.who, attested.until) if attested else (None, None)


def _by_hand(attested: Attestation, now: datetime) -> Evidence:
    """Judge a promise that only people answer for."""
    if not attested.at <= now < attested.until:
        why = f"{attested.who} answered for it until {attested.until:%d %B %Y}; nobody has renewed that."
        return Evidence(State.STALE, why, attested.until, (), *_attested(attested))
    why = f"No machine can test this. {attested.who} answers for it until {attested.until:%d %B %Y}."
    return Evidence(State.NOT_TESTABLE, why, attested.at, (), *_attested(attested))


def _look(check: LiveCheck, result: CheckResult | None, now: datetime) -> LatestResult:
    """Judge one check."""
    if result is None:
        return LatestResult(check.name, State.STALE, "Its check has not run yet.", None, None)

    def judged(state: State, why: str, since: datetime) -> LatestResult:
        return LatestResult(check.name, state, why, result.at, since)

    if result.at > now:
        return judged(State.STALE, f"Its check says it ran in the future, at {result.at:%d %B %Y %H:%M} UTC.", now)
    if result.why:
        return judged(State.FAILING, result.why, result.since)
    if now - result.at >= check.max_age:
        return judged(State.STALE, f"Its check last ran at {result.at:%d %B %Y %H:%M} UTC.", result.at + check.max_age)
    if not shown.is_shown(check.name):
        return judged(State.STALE, "Its check passes, but was not seen to fail since its source changed.", result.at)
    return judged(State.HOLDS, "Its checks passed just now, and each was seen to fail when broken.", result.since)
