"""Even time: a fast answer waits for the slow ones, a slow one for nobody, and nothing waits for long."""

from types import SimpleNamespace

import pytest

from avow.people.evenness import LONGEST, RECENT, EvenTiming


class Machine:
    """A clock that work and waiting move on."""

    def __init__(self):
        self.now, self.waited = 0.0, []
        self.even = EvenTiming(self.work, clock=lambda: self.now, sleep=self.waited.append)

    def work(self, request):
        self.now += request.takes
        return "answer"

    def ask(self, takes, kind="account_signup", method="POST"):
        match = SimpleNamespace(url_name=kind) if kind else None
        self.even(SimpleNamespace(takes=takes, method=method, resolver_match=match))
        waited, self.waited[:] = sum(self.waited), []
        return takes + waited


@pytest.fixture
def machine():
    return Machine()


def test_known_and_unknown_are_answered_in_the_same_time(machine):
    """It bites: without the wait the answers take 0.05 and 0.15 seconds, each its own."""
    for n in range(RECENT):
        machine.ask(0.15 if n % 2 else 0.05)
    answers = {round(machine.ask(takes), 6) for takes in (0.05, 0.15, 0.05, 0.15)}
    assert answers == {0.15}


def test_nothing_waits_longer_than_the_longest(machine):
    for _ in range(RECENT):
        machine.ask(60.0)
    assert machine.ask(0.01) == pytest.approx(LONGEST)
    assert machine.ask(5.0) == 5.0


def test_one_slow_answer_does_not_slow_the_next(machine):
    for _ in range(RECENT):
        machine.ask(0.05)
    machine.ask(0.9)
    assert machine.ask(0.05) == pytest.approx(0.05)


@pytest.mark.parametrize(("kind", "method"), [("my-data", "POST"), ("account_signup", "GET"), (None, "POST")])
def test_other_pages_are_answered_at_once(machine, kind, method):
    assert machine.ask(0.01, kind, method) == 0.01


def test_kinds_are_told_apart(machine):
    for _ in range(RECENT):
        machine.ask(0.5, "account_reset_password")
        machine.ask(0.1, "account_login")
    assert machine.ask(0.05, "account_login") == pytest.approx(0.1)
