"""
Two officers for each step of a hold, by the act and by the database: to place it, to prolong it, to release it.

It bites: without `must_be_another` in any of the three acts, without `seen`, with an `end_due` that does not look for
persons who are gone, and with a hold whose ninety days count from its first day for ever, one of these fails (each tried).
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from avow.errors import BadInput, NotFound, Refused
from avow.evidence.acts import Act
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import attesting, holds, holds_ending, holds_prolonging
from avow.vault.models import Hold
from tests.vault.holding import A_DAY, ONE, OTHER, enrolled, erase, hold_on, opened, proposed, release

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE)]
THIRD = UUID(int=3)


@pytest.fixture
def ada(house, publish, now):
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))
    return enrolled(now)


def test_it_is_prolonged_by_two_and_only_while_it_stands(ada, now):
    hold, later = hold_on(ada, now), now + timedelta(days=60)
    with pytest.raises(Refused, match="Nobody proposed"):
        holds_prolonging.confirm_longer(hold, by=ONE, now=now)
    holds_prolonging.propose_longer(hold, until=later, by=OTHER, now=now)
    with pytest.raises(Refused, match="another officer"):
        holds_prolonging.confirm_longer(hold, by=OTHER, now=now)
    holds_prolonging.confirm_longer(hold, by=ONE, now=now)
    row = holds.find(hold)
    assert (row.until, row.longer_by, row.prolonged_by, row.longer_until) == (later, OTHER, ONE, None)
    for wrong in (None, now, now + timedelta(days=91)):
        with pytest.raises(BadInput, match="ninety days"):
            holds_prolonging.propose_longer(hold, until=wrong, by=ONE, now=now)
    with pytest.raises(Refused, match="later day"):
        holds_prolonging.propose_longer(hold, until=later, by=ONE, now=now)
    release(hold, now)
    with pytest.raises(Refused):
        holds_prolonging.propose_longer(hold, until=later + A_DAY, by=ONE, now=now)


def test_again_and_again_but_each_time_for_ninety_days_at_most_from_that_moment(ada, now):
    hold = hold_on(ada, now, days=90)
    for days in (45, 90, 135):
        at = now + timedelta(days=days)
        with pytest.raises(BadInput):
            holds_prolonging.propose_longer(hold, until=at + holds.LONGEST + timedelta(seconds=1), by=ONE, now=at)
        holds_prolonging.propose_longer(hold, until=at + holds.LONGEST, by=ONE, now=at)
        holds_prolonging.confirm_longer(hold, by=OTHER, now=at)
        assert holds_ending.end_due(now=at) == 0 and holds.find(hold).until == at + holds.LONGEST


def test_a_later_end_that_was_changed_after_it_was_read_is_not_confirmed(ada, now):
    hold, seen = hold_on(ada, now), now + timedelta(days=40)
    holds_prolonging.propose_longer(hold, until=seen, by=OTHER, now=now)
    holds_prolonging.propose_longer(hold, until=now + timedelta(days=90), by=OTHER, now=now)
    with pytest.raises(Refused, match="changed since you read it"):
        holds_prolonging.confirm_longer(hold, by=ONE, now=now, seen=seen)
    holds_prolonging.confirm_longer(hold, by=ONE, now=now, seen=now + timedelta(days=90))


def test_it_is_released_by_two_and_keeps_on_until_the_second(ada, now):
    hold = hold_on(ada, now)
    erase(ada, now)
    with pytest.raises(Refused, match="Nobody proposed to release"):
        holds_ending.confirm_release(hold, by=OTHER, now=now)
    holds_ending.propose_release(hold, by=ONE, now=now)
    with pytest.raises(Refused, match="already"):
        holds_ending.propose_release(hold, by=OTHER, now=now)
    with pytest.raises(Refused, match="another officer"):
        holds_ending.confirm_release(hold, by=ONE, now=now)
    assert opened(hold, now) == "the email"
    holds_ending.confirm_release(hold, by=OTHER, now=now)
    assert holds.find(hold).state == "ended"
    with pytest.raises(Refused, match="Only a hold that stands"):
        holds_ending.propose_release(hold, by=ONE, now=now)


def test_what_was_proposed_can_be_refused_and_is_by_itself_when_its_day_passes_or_its_person_is_gone(ada, now):
    first, second, third = proposed(ada, now), proposed(ada, now, days=1), proposed(ada, now)
    with pytest.raises(Refused, match="another officer"):
        holds.confirm(first, by=ONE, now=now)
    holds.refuse(first, by=ONE, now=now)
    with pytest.raises(Refused, match="never came into force"):
        holds.confirm(first, by=OTHER, now=now)
    with pytest.raises(Refused, match="propose it again"):
        holds.confirm(second, by=OTHER, now=now + A_DAY)
    assert holds_ending.end_due(now=now + A_DAY) == 1
    erase(ada, now)
    assert holds_ending.end_due(now=now) == 1
    rows = [holds.find(hold) for hold in (first, second, third)]
    assert {(row.state, row.person) for row in rows} == {("refused", None)}
    with pytest.raises(Refused):
        holds.refuse(third, by=ONE, now=now)


def test_the_officer_whom_a_hold_is_about_has_no_part_in_any_step(ada, now):
    with pytest.raises(Refused, match="other officers"):
        holds.propose(ada, ["email"], basis="file 7", until=now + A_DAY, by=ada, now=now)
    hold = proposed(ada, now, gagged=True)
    steps = (
        lambda: holds.confirm(hold, by=ada, now=now),
        lambda: holds.refuse(hold, by=ada, now=now),
        lambda: holds_prolonging.propose_longer(hold, until=now + 60 * A_DAY, by=ada, now=now),
        lambda: holds_prolonging.confirm_longer(hold, by=ada, now=now),
        lambda: holds_ending.propose_release(hold, by=ada, now=now),
        lambda: holds_ending.confirm_release(hold, by=ada, now=now),
    )
    for place in (False, True):
        if place:
            holds.confirm(hold, by=OTHER, now=now)
        for step in steps:
            with pytest.raises(NotFound):
                step()


WRONG = {
    "the second signature is the first": ("confirmed_by = proposed_by", "hold_confirmed_by_another"),
    "it stands with one signature": ("confirmed_by = NULL", "hold_stands_when_two_signed"),
    "prolonged by one hand": ("longer_by = %s, prolonged_by = %s", "hold_prolonged_by_another"),
    "prolonged by one alone": ("prolonged_by = %s", "hold_prolonged_by_another"),
    "released by one hand": ("release_by = %s, released_by = %s", "hold_released_by_another"),
    "released by one alone": ("released_by = %s", "hold_released_by_another"),
    "without end": ("until = until + interval '61 days'", "hold_ends_within_ninety_days"),
    "ended before its day": ("state = 'ending', ending_since = proposed_at", "hold_ends_on_its_day_or_by_two"),
    "ending since never": ("state = 'ending'", "hold_ends_on_its_day_or_by_two"),
    "proposed to be released by one": (
        "state = 'ending', ending_since = proposed_at, release_by = %s", "hold_ends_on_its_day_or_by_two",
    ),
    "without a key": ("subject = NULL", "hold_has_a_key_while_it_stands"),
    "with a key after its end": (
        "state = 'ended', ending_since = until, person = NULL, ended_at = until", "hold_has_a_key_while_it_stands",
    ),
    "naming somebody after its end": (
        "state = 'ended', ending_since = until, subject = NULL, ended_at = until", "hold_that_is_over_names_nobody",
    ),
    "naming nobody while it stands": ("person = NULL", "hold_that_is_over_names_nobody"),
    "signed by whom it is about": ("confirmed_by = person", "hold_not_signed_by_whom_it_is_about"),
    "released by whom it is about": ("release_by = %s, released_by = person", "hold_not_signed_by_whom_it_is_about"),
    "in a state that there is not": ("state = 'paused', subject = NULL", "hold_state_known"),
    "with its dates exchanged": ("collected_from = until, collected_to = proposed_at", "hold_dates_in_order"),
}  # fmt: skip


def test_the_database_refuses_what_the_acts_refuse(ada, now):
    """Also to who writes SQL of their own."""
    hold = hold_on(ada, now)
    for what, (change, rule) in WRONG.items():
        with pytest.raises(DatabaseError, match=rule), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE vault_hold SET {change} WHERE id = %s", [THIRD] * change.count("%s") + [hold])
            pytest.fail(what)
    named = {constraint.name for constraint in Hold._meta.constraints}
    assert named == {rule for _, rule in WRONG.values()}, "each rule has its breach here"


def test_its_person_reads_each_step_in_their_own_log_unless_they_may_not(ada, now):
    hold, secret = hold_on(ada, now), hold_on(ada, now, gagged=True)
    holds_prolonging.propose_longer(hold, until=now + 60 * A_DAY, by=ONE, now=now)
    holds_prolonging.confirm_longer(hold, by=OTHER, now=now)
    for one in (hold, secret):
        release(one, now)
    acts = [attested.act for attested in attesting.acts_of(ada)]
    assert acts == [Act.HOLD_PLACED, Act.HOLD_PLACED, Act.HOLD_RELEASED]


def test_one_hold_that_cannot_be_ended_does_not_hold_up_the_others(ada, now, monkeypatch):
    stuck, other = hold_on(ada, now, days=1), hold_on(ada, now, days=2)
    real, own = holds_ending.erasure.erase, holds.find(stuck).subject

    def lost(person, *, request, **more):
        if person == own:
            raise OSError("the key database does not answer")
        return real(person, request=request, **more)

    with monkeypatch.context() as broken:
        broken.setattr(holds_ending.erasure, "erase", lost)
        with pytest.raises(OSError, match="does not answer"):
            holds_ending.end_due(now=now + 3 * A_DAY)
    assert (holds.find(stuck).state, holds.find(other).state) == ("ending", "ended")
    assert holds_ending.end_due(now=now + 3 * A_DAY) == 1 and holds.find(stuck).state == "ended"


def test_the_last_day_that_is_possible_can_be_chosen(ada, now):
    """It bites: with the end of that day and not its moment, the ninetieth day is refused."""
    latest = (now + holds.LONGEST).date()
    ends = holds.end_of(latest, now)
    assert holds.propose(ada, ["email"], basis="file", until=ends, by=ONE, now=now)
    assert holds.end_of(now.date(), now).hour == 23
    with pytest.raises(BadInput):
        holds.propose(ada, ["email"], basis="file", until=holds.end_of(latest + A_DAY, now), by=ONE, now=now)


def test_nobody_finds_a_hold_by_a_number_that_is_none(ada, now):
    for act in (holds_ending.propose_release, holds_ending.confirm_release, holds.confirm, holds.refuse):
        with pytest.raises(NotFound, match="by this number"):
            act(uuid4(), by=ONE, now=now)
