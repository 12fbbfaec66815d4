"""What dies is started again, ever more slowly; what fails is tried again and said once."""

import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.host import children
from avow.host.children import Child, pause_after
from avow.host.rounds import LONGEST, Round

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@given(st.integers(1, 10_000))
def test_pauses_grow_and_end(deaths):
    assert 0 < pause_after(deaths) <= pause_after(deaths + 1) <= children.LONGEST


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Fleeting(Child):
    """A child whose process is not started, for the rules alone."""

    starts = 0

    def start(self):
        self.starts += 1
        self.began = self.clock()
        self.process = object()

    def alive(self):
        return self.process is not None and self.living


@pytest.fixture
def child():
    child = Fleeting("x", ("x",), 1.0, lock=0, clock=Clock())
    child.living = True
    child.start()
    return child


def test_a_child_that_dies_is_started_again_after_its_pause(child):
    assert child.look_after() is None
    child.living = False
    assert child.look_after() == pytest.approx(0.2)
    assert child.look_after() is None
    assert child.starts == 1, "not yet"
    child.clock.now += 0.3
    child.look_after()
    assert child.starts == 2


def test_one_that_lived_long_starts_again_at_once(child):
    child.deaths = 9
    child.living = False
    child.clock.now += children.STEADY + 1
    assert child.look_after() == pytest.approx(0.2)


def test_children_get_neither_the_administrators_connection_nor_what_steers_libraries(monkeypatch):
    for name in ("AVOW_DSN", "PGPASSWORD", "GRANIAN_PORT"):
        monkeypatch.setenv(name, "secret")
    assert "secret" not in children.environment(A="b").values()
    assert children.environment(A="b")["A"] == "b"


def test_a_round_waits_longer_when_nothing_is_to_do_and_is_quick_again_when_there_is():
    work = iter([1, *[0] * 500, 1])
    it = Round("it", lambda _: next(work), busy=0.03, idle=0.25)
    waits = [it.once(NOW) for _ in range(502)]
    assert waits[0] == waits[-1] == pytest.approx(0.03)
    assert waits[-2] == pytest.approx(0.25)


def test_a_failing_round_is_said_once_and_tried_ever_more_slowly(caplog):
    outcomes = iter([ValueError("ada@example.com")] * 30 + [3])

    def act(_):
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    it = Round("the log", act, busy=0.01, idle=0.1)
    with caplog.at_level("INFO", "avow.host.rounds"):
        waits = [it.once(NOW) for _ in range(31)]
    assert waits[:30] == sorted(waits[:30])
    assert waits[29] == LONGEST
    assert waits[30] < 1
    assert [record.getMessage() for record in caplog.records] == [
        "the log fails and is tried again",
        "the log works again after 30 failures",
    ]


def test_a_round_ends_when_asked(db):
    stop = threading.Event()
    thread = threading.Thread(target=Round("it", lambda _: 0, busy=0.01, idle=0.01).keep_on, args=[stop])
    thread.start()
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
