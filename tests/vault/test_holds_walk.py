"""
Whatever is done with holds, and in whatever order, and killed in between: a walk over `holds_states.MOVES`.

It bites: a hold that opens while it is `ending`, a `finish` that forgets the rows, an `end_due` that does not look for
`ending`, and a `keep` that ignores the dates each fail the walk (each tried).
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from avow.errors import AvowError, Erased
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import erasure, holds, holds_ending, holds_prolonging, persons, sealing
from avow.vault.actor import SERVICE
from avow.vault.holds import Dates
from avow.vault.holds_states import KEYED, MEANING, MOVES, OVER, SIGNED, State
from avow.vault.models import HeldField, Hold
from tests.vault.holding import A_DAY, ONE, OTHER, all_of, enrolled, erase

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE, Promise.DE_IDENTIFY)]


def test_the_moves_are_whole():
    assert set(MOVES) == set(MEANING) == set(State)
    assert OVER == {State.ENDED, State.REFUSED} and KEYED < SIGNED and not KEYED & OVER
    reached = {State.PROPOSED}
    for _ in State:
        reached |= {to for state in reached for to in MOVES[state]}
    assert reached == set(State)


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


class Walk(RuleBasedStateMachine):
    """One person, one hold, two officers, and a clock; a model of what must open beside it."""

    start = None

    @initialize(dated=st.booleans(), placed=st.sampled_from([True, True, False]))
    def begin(self, dated, placed):
        self.now = self.start
        self.person = enrolled(self.now)
        self.now += A_DAY
        given = Dates(self.now) if dated else Dates()
        self.hold = holds.propose(
            self.person, ["email"], basis="file", until=self.now + 30 * A_DAY, by=ONE, now=self.now, given=given
        )
        self.state, self.until, self.subject = State.PROPOSED, self.now + 30 * A_DAY, None
        self.given = [] if dated else ["the email"]  # in scope, the oldest first
        self.safe = []  # under the hold's key
        self.erased, self.begun, self.number, self.current = False, False, 0, self.given[-1:]
        if placed:
            self.confirm(OTHER)

    def try_to(self, act, *, may, **how):
        """Do it, and hold whether it was refused against the model."""
        try:
            act(self.hold, now=self.now, **how)
        except AvowError:
            assert not may
            return False
        assert may
        return True

    def stands(self):
        return self.state is State.STANDING and self.until > self.now

    @rule(by=st.sampled_from([ONE, OTHER]))
    def confirm(self, by):
        may = (
            self.state is State.PROPOSED
            and self.until > self.now
            and not self.erased
            and not self.begun
            and by == OTHER
        )
        if self.try_to(holds.confirm, may=may, by=by):
            self.state, self.subject = State.STANDING, holds.find(self.hold).subject

    @rule()
    def refuse(self):
        if self.try_to(holds.refuse, may=self.state is State.PROPOSED, by=OTHER):
            self.state = State.REFUSED

    @rule(days=st.integers(1, 120), by=st.sampled_from([ONE, OTHER]))
    def prolong(self, days, by):
        until = self.now + days * A_DAY
        may = self.stands() and days <= 90 and until > self.until
        if self.try_to(holds_prolonging.propose_longer, may=may, by=ONE, until=until):
            if self.try_to(holds_prolonging.confirm_longer, may=by == OTHER, by=by):
                self.until = until

    @rule(by=st.sampled_from([ONE, OTHER]))
    def release(self, by):
        row = holds.find(self.hold)
        self.try_to(holds_ending.propose_release, may=self.stands() and row.release_by is None, by=ONE)
        may = self.state is State.STANDING and holds.find(self.hold).release_by is not None and by == OTHER
        if self.try_to(holds_ending.confirm_release, may=may, by=by):
            self.state = State.ENDED

    @rule(at=st.sampled_from(["erase", "_close"]))
    @precondition(lambda self: self.state is State.STANDING)
    def release_killed(self, at):
        """Killed before the key is punctured, or after it and before the rows go."""
        place = holds_ending.erasure if at == "erase" else holds_ending
        real = getattr(place, at)

        def killed(*_, **__):
            raise Killed

        try:
            setattr(place, at, killed)
            if holds.find(self.hold).release_by is None and self.stands():
                holds_ending.propose_release(self.hold, by=ONE, now=self.now)
            holds_ending.confirm_release(self.hold, by=OTHER, now=self.now)
        except Killed:
            self.state = State.ENDING
        except AvowError:
            assert not self.stands()
        finally:
            setattr(place, at, real)

    @rule()
    def job(self):
        holds_ending.end_due(now=self.now)
        if self.state is State.PROPOSED and (self.until <= self.now or self.erased):
            self.state = State.REFUSED
        elif self.state is State.ENDING or (self.state is State.STANDING and self.until <= self.now):
            self.state = State.ENDED

    @rule(days=st.integers(1, 12))
    def later(self, days):
        self.now += days * A_DAY

    @rule(removes=st.booleans())
    @precondition(lambda self: not self.erased and not self.begun)
    def correct(self, removes):
        if self.stands():
            self.safe += [value for value in self.current if value not in self.safe]
        self.current = []
        if removes:
            sealing.remove(self.person, "email", now=self.now)
        else:
            self.number += 1
            sealing.put(self.person, "email", f"mail {self.number}", source="a test", now=self.now)
            self.current = [f"mail {self.number}"]
            self.given += self.current

    @rule()
    @precondition(lambda self: not self.erased)
    def erase(self):
        erase(self.person, self.now)
        self.erased = True
        if self.stands():
            self.safe = list(self.given)

    @rule()
    @precondition(lambda self: not self.erased)
    def erase_killed_before_the_puncture(self):
        real = erasure._puncture

        def killed(*_, **__):
            raise Killed

        request = uuid4()
        try:
            erasure._puncture = killed
            erasure.erase(self.person, request=request, asked_by=SERVICE, now=self.now)
        except Killed:
            pass
        finally:
            erasure._puncture = real
        if self.stands():
            self.safe, self.begun = list(self.given), True

    @invariant()
    def it_is_where_it_should_be(self):
        row = holds.find(self.hold)
        assert row.state == self.state
        assert (row.person is None) == (self.state in OVER) and (row.subject is None) == (self.state not in KEYED)
        if self.state is State.ENDED:
            assert persons.standing(self.subject).erased_at and not HeldField.objects.filter(hold=row).exists()

    @invariant()
    def it_opens_exactly_while_it_stands(self):
        try:
            found = all_of(self.hold, self.now)
            assert self.stands() and sorted(found) == sorted(self.safe)
        except Erased:
            assert not self.stands()

    def teardown(self):
        """Whatever happened, its day comes: then there is nothing left."""
        holds_ending.end_due(now=self.until)
        row = holds.find(self.hold)
        assert row.state in OVER and not HeldField.objects.filter(hold=row).exists()
        Hold.objects.all().delete()


def test_a_walk(house, publish, now):
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))

    class Here(Walk):
        start = now

    calm = settings(
        max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck),
        database=None, derandomize=True, phases=[Phase.generate],  # a shorter walk to the same fault takes minutes
    )  # fmt: skip
    run_state_machine_as_test(Here, settings=calm)
