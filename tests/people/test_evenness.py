"""Even time: a fast answer waits for the slow ones, a slow one for nobody, and nothing waits for long."""

from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from avow.people.evenness import LEAST, LONGEST, RECENT, EvenTiming


class Machine:
    """A clock that work and waiting move on."""

    def __init__(self):
        self.now, self.waited = 0.0, []
        self.even = EvenTiming(self.work, clock=lambda: self.now, sleep=self.waited.append)

    def work(self, request):
        self.now += request.takes
        return HttpResponse(status=request.status)

    def ask(self, takes, kind="account_signup", method="POST", status=302):
        match = SimpleNamespace(url_name=kind) if kind else None
        self.even(SimpleNamespace(takes=takes, method=method, resolver_match=match, status=status))
        waited, self.waited[:] = sum(self.waited), []
        return takes + waited


@pytest.fixture
def machine():
    return Machine()


def test_known_and_unknown_are_answered_in_the_same_time(machine):
    """It bites: without the wait the answers take 0.25 and 0.45 seconds, each its own."""
    for n in range(RECENT):
        machine.ask(0.45 if n % 2 else 0.25)
    answers = {round(machine.ask(takes), 6) for takes in (0.25, 0.45, 0.25, 0.45)}
    assert answers == {0.45}


@pytest.mark.parametrize("status", [200, 302, 429])
def test_forty_cheap_answers_do_not_lay_a_probe_bare(machine, status):
    """It bites: with a time that recent answers alone set, a probe after these waits for nothing."""
    for _ in range(40):
        machine.ask(0.001, status=status)
    assert machine.ask(0.02) == pytest.approx(LEAST)
    assert machine.ask(0.06) == pytest.approx(LEAST)


@pytest.mark.parametrize("status", [200, 429])
def test_what_was_refused_sets_no_time(machine, status):
    """It bites: when every answer counts, forty refusals bring 0.4 seconds down to LEAST."""
    for _ in range(RECENT):
        machine.ask(0.4)
    for _ in range(40):
        machine.ask(0.001, status=status)
    assert machine.ask(0.25) == pytest.approx(0.4)


def test_a_wrong_password_waits_and_too_many_requests_do_not(machine):
    assert machine.ask(0.03, "account_login", status=200) == pytest.approx(LEAST)
    assert machine.ask(0.001, "account_login", status=429) == 0.001


def test_nothing_waits_longer_than_the_longest(machine):
    for _ in range(RECENT):
        machine.ask(60.0)
    assert machine.ask(0.01) == pytest.approx(LONGEST)
    assert machine.ask(5.0) == 5.0


def test_one_slow_answer_does_not_slow_the_next(machine):
    for _ in range(RECENT):
        machine.ask(0.25)
    machine.ask(0.9)
    assert machine.ask(0.25) == pytest.approx(0.25)


@pytest.mark.parametrize(("kind", "method"), [("my-data", "POST"), ("account_signup", "GET"), (None, "POST")])
def test_other_pages_are_answered_at_once(machine, kind, method):
    assert machine.ask(0.01, kind, method) == 0.01


def test_kinds_are_told_apart(machine):
    for _ in range(RECENT):
        machine.ask(0.5, "account_reset_password")
        machine.ask(0.3, "account_login")
    assert machine.ask(0.05, "account_login") == pytest.approx(0.3)
