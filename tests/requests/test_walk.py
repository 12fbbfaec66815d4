"""Any order of wishes, pushes, exports, a log that comes and goes and a clock that jumps: the same invariants hold.

Tried: letting a request's times follow a clock that jumps back, and exporting somebody who is being erased, were each
found within a few examples.
"""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from avow.errors import Erased
from avow.policy.purposes import Purpose
from avow.requests import certificates, erasing, exporting, saga
from avow.requests.models import Request
from avow.requests.states import CLOSED, Kind, State, may
from avow.vault import opening, persons, stores
from avow.vault.actor import SERVICE, THE_PERSON
from tests.requests.asking import NOW, make_someone

WHO = st.integers(0, 2)


class Walk(RuleBasedStateMachine):
    """Three persons, and everything that can happen to their requests."""

    take_up = None  # set by the test

    @initialize()
    def begin(self):
        self.now = NOW
        self.people = [make_someone(f"{id(self)}-{n}@example.com", password=None) for n in range(3)]
        self.asked, self.seen = {}, {}

    @rule(hours=st.integers(-30, 30))
    def clock(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def log(self):
        type(self).take_up(NOW)

    @rule(who=WHO, by=st.sampled_from([THE_PERSON, SERVICE]))
    def ask(self, who, by):
        try:
            request = erasing.ask(self.people[who], by=by, now=self.now)
        except Erased:
            assert persons.standing(self.people[who]).erased_at
            return
        assert self.asked.setdefault(who, request.pk) == request.pk, "one open erasure a person"

    @rule(who=WHO)
    def push(self, who):
        if who in self.asked:
            progress = erasing.push(self.asked[who], now=self.now)
            assert progress.complete != bool(progress.waiting)

    @rule(who=WHO)
    def freeze(self, who):
        if self.asked.get(who) and self.seen.get(self.asked[who], State.ASKED) is State.ASKED:
            saga.begin(Request.objects.get(pk=self.asked[who]), now=self.now)

    @rule(who=WHO)
    def export(self, who):
        person = self.people[who]
        try:
            content = exporting.export(person, now=self.now, patience=0).content
        except Erased:
            assert persons.standing(person).erasing_since
        else:
            assert b"Ada Lovelace" in content and not persons.standing(person).erasing_since

    @invariant()
    def a_request_moves_only_as_the_table_says(self):
        for row in Request.objects.filter(pk__in=self.asked.values()):
            before = self.seen.get(row.pk, State.ASKED)
            assert before == row.state or reaches(Kind(row.kind), State(before), State(row.state))
            self.seen[row.pk] = State(row.state)
            assert (row.person is None) == (State(row.state) in CLOSED)
            assert row.moved_at >= row.asked_at

    @invariant()
    def who_is_erased_is_gone_and_who_is_not_is_whole(self):
        for who, person in enumerate(self.people):
            state = self.seen.get(self.asked.get(who), State.ASKED)
            gone = state in {State.ERASED, State.COMPLETE}
            assert bool(persons.standing(person).erased_at) == gone
            assert (sum(store.count(person) for store in stores.stores()) == 0) == gone
            if not gone:
                assert opening.open_field(person, "name", Purpose.RIGHTS, by=THE_PERSON, now=self.now) == "Ada Lovelace"
            if state is State.COMPLETE:
                number = Request.objects.get(pk=self.asked[who]).number
                assert certificates.read(number).statement


def reaches(kind, start, to):
    """Whether one push can lead from one state to another."""
    return may(kind, start, to) or any(may(kind, start, each) and reaches(kind, each, to) for each in State)


def test_a_walk_through_requests(take_up):
    Walk.take_up = staticmethod(take_up)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Walk, settings=settings(max_examples=8, stateful_step_count=18, deadline=None, suppress_health_check=slow)
    )
