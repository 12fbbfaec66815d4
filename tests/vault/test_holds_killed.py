"""
kill -9 at any moment of keeping and of ending: repeated, it ends the same, with no key lost and none left.

It bites: `keep` after the puncture in `erasure.erase` loses what is held; `_close` before the key is destroyed in
`holds_ending.finish` leaves a key; `end_due` without `ending` leaves both (each tried).
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import erasure, holds, holds_ending, persons
from avow.vault.actor import SERVICE
from avow.vault.holds_states import State
from avow.vault.keys.models import PersonSlot
from avow.vault.models import HeldField, Hold
from tests.killing import killed_at_moment
from tests.vault.holding import ONE, OTHER, all_of, enrolled, erase, hold_on

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE, Promise.DE_IDENTIFY)]
MOST = 100  # moments in one act; both have far fewer


@pytest.fixture
def people(house, publish, now):
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))
    return lambda: enrolled(now)


def at_each_moment(begin, check):
    """Kill what `begin` returns at each of its moments, and let `check` go on."""
    killed = 0
    for at in range(1, MOST):
        act, then = begin()
        died = killed_at_moment(at, act)
        killed += died
        check(then, at)
        if not died:
            return killed
    raise AssertionError("it has more moments than a test should need")


def test_an_erasure_that_is_killed_anywhere_keeps_what_is_held_and_nothing_else(people, now):
    def begin():
        person, request = people(), uuid4()
        hold = hold_on(person, now)

        def act():
            erasure.erase(person, request=request, asked_by=SERVICE, now=now)

        return act, (person, hold, act)

    def goes_on(then, at):
        person, hold, act = then
        act()
        assert all_of(hold, now) == ["the email"] and not all_of(hold, now, "nickname"), at
        assert persons.standing(person).erased_at and HeldField.objects.filter(hold=hold).count() == 1, at

    assert at_each_moment(begin, goes_on) > 3


@pytest.mark.parametrize("how", ["its day", "release"])
def test_an_end_that_is_killed_anywhere_is_finished_by_the_next_round(people, now, how):
    later = now + timedelta(days=30)

    def begin():
        person = people()
        hold = hold_on(person, now)
        erase(person, now)
        subject = holds.find(hold).subject
        if how == "its day":
            return lambda: holds_ending.end_due(now=later), (hold, subject)
        holds_ending.propose_release(hold, by=ONE, now=now)
        return lambda: holds_ending.confirm_release(hold, by=OTHER, now=now), (hold, subject)

    def goes_on(then, at):
        hold, subject = then
        if how == "release" and holds.find(hold).state == State.STANDING:
            holds_ending.confirm_release(hold, by=OTHER, now=now)
        holds_ending.end_due(now=later if how == "its day" else now)
        row = holds.find(hold)
        assert (row.state, row.person, row.subject) == ("ended", None, None), at
        assert persons.standing(subject).erased_at and not PersonSlot.objects.filter(person=subject).exists(), at
        assert not HeldField.objects.exists(), at

    assert at_each_moment(begin, goes_on) > 3
    assert not Hold.objects.exclude(state="ended").exists()
