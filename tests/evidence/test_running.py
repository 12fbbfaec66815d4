"""Live checks run when due, each alone, and the log hears of turns only."""

from datetime import timedelta

import pytest
from django.db import connection

from avow.errors import BadInput, NotFound
from avow.evidence import running, shown, states
from avow.evidence.acts import Act
from avow.evidence.attesting_by_hand import attest_by_hand
from avow.evidence.entries import decode
from avow.evidence.models import Attestation, CheckDay, CheckResult, Outbox
from avow.evidence.running import run_due, run_one
from avow.evidence.states import State, state_of, state_of_clause
from avow.policy.clauses import Clause, Kind
from avow.policy.promises import CHECKS, KEEPERS, LiveCheck, Promise

from .conftest import NOON

MINUTE = timedelta(minutes=1)
WATCHED = Promise.SIGN_OUT


@pytest.fixture
def checks(db, monkeypatch, tmp_path):
    """A house with the checks of one promise only, an act that keeps it, and a file of what was shown."""
    for name in list(CHECKS):
        monkeypatch.delitem(CHECKS, name)
    monkeypatch.setitem(KEEPERS, WATCHED, [state_of])
    file = tmp_path / "shown.json"
    monkeypatch.setattr(shown, "FILE", file)
    monkeypatch.setattr(shown.read, "__defaults__", (file,))
    monkeypatch.setattr(shown.record, "__kwdefaults__", {"file": file})

    class Checks:
        why = {}

        def add(self, name="first", every=MINUTE, show=True):
            def first(now):
                if isinstance(self.why.get(name), Exception):
                    raise self.why[name]
                return self.why.get(name)

            monkeypatch.setitem(CHECKS, name, LiveCheck(name, (WATCHED,), every, 5 * every, first))
            if show:
                shown.record(name, "left out", NOON.date())

    made = Checks()
    made.why = {}
    return made


def acts():
    return [decode(bytes(entry)).act for entry in Outbox.objects.order_by("id").values_list("entry", flat=True)]


def test_a_check_runs_when_its_turn_comes(checks):
    checks.add("first", every=MINUTE)
    checks.add("hourly", every=60 * MINUTE)

    def ran(at):
        return [result.check for result in run_due(at)]

    assert ran(NOON) == ["first", "hourly"]
    assert ran(NOON + timedelta(seconds=59)) == []
    assert ran(NOON + MINUTE) == ["first"]
    assert ran(NOON + 61 * MINUTE) == ["first", "hourly"]
    assert ran(NOON) == ["first", "hourly"]  # the clock went back: what ran "later" is run again
    assert CheckDay.objects.get(check_name="first").held == 4


def test_the_log_hears_of_turns_and_not_of_repeats(checks):
    checks.add()
    sequence = [None, None, "it broke", "it broke", None, "again", None, None]
    for n, checks.why["first"] in enumerate(sequence):
        result = run_one("first", NOON + n * MINUTE)
        assert result.held is (sequence[n] is None)
    assert acts() == [Act.CHECK_FAILED, Act.CHECK_RECOVERED, Act.CHECK_FAILED, Act.CHECK_RECOVERED]
    day = CheckDay.objects.get()
    assert (day.held, day.failed, day.why) == (5, 3, "again")
    assert CheckResult.objects.get().since == NOON + 6 * MINUTE


def test_a_check_that_fails_at_its_first_run_is_heard_of(checks):
    checks.add()
    checks.why["first"] = "it never held"
    run_due(NOON)
    assert acts() == [Act.CHECK_FAILED]


def test_a_check_that_breaks_fails_alone_and_says_nothing_personal(checks):
    checks.add("first")
    checks.add("second")
    checks.why["first"] = ValueError("ada@example.com is not a number")
    broken, fine = run_due(NOON)
    assert (broken.why, fine.why) == ("the check itself broke: ValueError", "")
    assert "ada" not in str(list(CheckResult.objects.values())) + str(list(CheckDay.objects.values()))


def test_a_check_that_takes_too_long_does_not_count(checks):
    checks.add()
    clock = iter([0.0, 20.5])
    assert "longer than 20 s" in run_one("first", NOON, timer=lambda: next(clock)).why


def test_postgresql_ends_a_statement_that_runs_too_long(checks, monkeypatch):
    monkeypatch.setattr(running, "LIMIT", timedelta(seconds=1))

    def sleep(now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setitem(CHECKS, "first", LiveCheck("first", (WATCHED,), MINUTE, 5 * MINUTE, sleep))
    assert run_one("first", NOON).why == "the check itself broke: OperationalError"
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_results_are_kept_for_ninety_days(checks):
    checks.add()
    for days in (0, 1, 89, 91):
        run_due(NOON + timedelta(days=days))
    assert sorted(CheckDay.objects.values_list("day", flat=True)) == [
        (NOON + timedelta(days=days)).date() for days in (1, 89, 91)
    ]


def test_an_unknown_check_is_said_so(checks):
    with pytest.raises(NotFound):
        run_one("absent", NOON)


def seen(after=timedelta(0)):
    evidence = state_of(WATCHED, NOON + after)
    return evidence.state, evidence.why


def test_the_five_states(checks, monkeypatch):
    monkeypatch.setitem(KEEPERS, WATCHED, [])
    assert seen() == (State.NO_MECHANISM, "Nothing keeps it yet.")
    monkeypatch.setitem(KEEPERS, WATCHED, [state_of])
    assert seen() == (State.NO_MECHANISM, "Nothing watches it yet.")
    checks.add(show=False)
    assert seen() == (State.STALE, "Its check has not run yet.")
    run_due(NOON)
    assert seen()[0] is State.STALE and "not seen to fail" in seen()[1]
    checks.add(show=True)
    assert seen()[0] is State.HOLDS
    assert seen(5 * MINUTE - timedelta(microseconds=1))[0] is State.HOLDS
    assert seen(5 * MINUTE) == (State.STALE, "Its check last ran at 23 November 2026 12:00 UTC.")
    assert seen(-MINUTE)[0] is State.STALE and "in the future" in seen(-MINUTE)[1]  # the clock went back
    checks.why["first"] = "it broke"
    run_due(NOON + MINUTE)
    assert seen(MINUTE) == (State.FAILING, "it broke")
    assert seen(60 * MINUTE) == (State.FAILING, "it broke")  # nobody looked since: still not fine
    checks.why["first"] = None
    run_due(NOON + 2 * MINUTE)
    assert seen(2 * MINUTE)[0] is State.HOLDS


def test_of_several_checks_the_worst_counts(checks):
    checks.add("first")
    checks.add("second")
    run_one("first", NOON)
    assert seen()[0] is State.STALE
    run_one("second", NOON)
    assert seen()[0] is State.HOLDS
    checks.why["second"] = "the second broke"
    run_one("second", NOON)
    assert seen() == (State.FAILING, "the second broke")
    assert [one.state for one in state_of(WATCHED, NOON).checks] == [State.HOLDS, State.FAILING]


def test_what_was_shown_for_another_source_counts_no_more(checks, monkeypatch):
    checks.add()
    run_due(NOON)
    assert seen()[0] is State.HOLDS
    monkeypatch.setitem(KEEPERS, WATCHED, [state_of, run_due])  # another module keeps the promise now
    assert seen()[0] is State.STALE


def test_people_answer_for_what_no_machine_can_test(checks):
    attest_by_hand(WATCHED, who="Privacy officer", statement="We asked.", until=NOON + timedelta(days=30), now=NOON)
    evidence = state_of(WATCHED, NOON)
    assert evidence.state is State.NOT_TESTABLE
    assert (evidence.attested_by, evidence.until) == ("Privacy officer", NOON + timedelta(days=30))
    assert seen(timedelta(days=30))[0] is State.STALE
    assert seen(-MINUTE)[0] is State.STALE
    checks.add()
    run_due(NOON)
    assert seen()[0] is State.HOLDS  # a machine that can test it goes before the word of people
    assert state_of(WATCHED, NOON).attested_by == "Privacy officer"
    assert acts() == [Act.ATTESTED]
    for wrong in ({"until": NOON}, {"who": " "}, {"statement": ""}):
        with pytest.raises(BadInput):
            attest_by_hand(
                WATCHED, **{"who": "Officer", "statement": "Yes.", "until": NOON + MINUTE, "now": NOON, **wrong}
            )
    assert Attestation.objects.count() == 1


def test_a_sentence_is_as_good_as_the_worst_of_its_promises(checks, monkeypatch):
    """And breaking one mechanism turns its sentence from holds to failing with the next run of the check."""

    def sentence(*promises, kind=Kind.PROMISE):
        found = state_of_clause(Clause("name", kind, "We sign you out.", promises=promises), NOON)
        return found and found.state

    checks.add()
    run_due(NOON)
    assert sentence(WATCHED) is State.HOLDS
    monkeypatch.setitem(KEEPERS, Promise.QUESTIONS, [])
    assert sentence(WATCHED, Promise.QUESTIONS) is State.NO_MECHANISM
    assert sentence() is State.NO_MECHANISM
    assert sentence(kind=Kind.STATEMENT) is None
    checks.why["first"] = "left out"
    run_one("first", NOON)
    assert sentence(WATCHED) is State.FAILING
    assert sentence(WATCHED, Promise.QUESTIONS) is State.FAILING


def test_the_order_of_badness():
    promises = (Promise.OPT_OUT, Promise.QUESTIONS, Promise.NO_SALE)

    def worst(*of):
        known = {promise: states.Evidence(state, "Why.") for promise, state in zip(promises, of, strict=False)}
        return states.together(promises[: len(of)], known)

    assert worst(State.HOLDS, State.STALE).state is State.STALE
    assert worst(State.STALE, State.FAILING, State.NO_MECHANISM).state is State.FAILING
    assert worst(State.NO_MECHANISM, State.STALE, State.NOT_TESTABLE).state is State.NO_MECHANISM


def test_a_sentence_with_two_promises_says_which_one_is_lacking():
    """Half of it kept must not read as if nothing were."""
    known = {
        Promise.OPT_OUT: states.Evidence(State.HOLDS, "Fine."),
        Promise.QUESTIONS: states.Evidence(State.STALE, "Old."),
    }
    both = states.together((Promise.OPT_OUT, Promise.QUESTIONS), known)
    assert both.why == "Questions reach a person and get a case: Old."
    assert states.together((Promise.QUESTIONS,), known).why == "Old."
