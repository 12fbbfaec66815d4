"""
A text beyond wording is put forward by one officer and published by another; wording goes at once.

It bites: each was tried. Without `signed` in `publish` one officer does it alone; with the check of `put_by` left out the same
one is refused by the act beneath, with another sentence.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections

from avow.communications import next_text, publishing
from avow.communications.models import NextText
from avow.errors import BadInput, NotFound, Refused
from avow.evidence import versions
from avow.evidence.versions import Version
from avow.people import desk
from avow.people.desk_roles import Role
from avow.policy.promises import Promise
from tests.communications.changing import TWO, newer

pytestmark = [pytest.mark.proves(Promise.CHANGE_NOTICE, Promise.VERSIONS_FROZEN)]
DAY = timedelta(days=1)


@pytest.fixture
def officers(somebody, policy, today):
    made = [somebody(f"{name}@example.com").join() for name in ("one", "two")]
    for each in made:
        desk.give(each.person, Role.OFFICER, now=today)
    return [each.person for each in made]


def wider(today, days=40):
    return newer((today + days * DAY).date())


def test_wording_goes_at_once_and_anything_beyond_it_waits_for_another_officer(officers, today):
    one, two = officers
    waits = next_text.submit(*wider(today), text="Partners.", by=one, now=today)
    assert isinstance(waits, NextText) and len(versions.all_versions()) == 1
    with pytest.raises(Refused, match="another officer"):
        next_text.approve(waits.pk, by=one, now=today)
    version = next_text.approve(waits.pk, by=two, now=today)
    assert version.raw == wider(today)[0] and next_text.waiting() is None
    with pytest.raises(NotFound):
        next_text.approve(waits.pk, by=two, now=today)
    assert len(versions.all_versions()) == 2


def test_a_change_of_wording_needs_no_second(officers, today):
    done = next_text.submit(*newer((today + DAY).date(), wording_only=True), by=officers[0], now=today)
    assert isinstance(done, Version) and not NextText.objects.exists()


@pytest.mark.parametrize("signed", [(), (TWO[0],), (TWO[0], TWO[0])])
def test_the_act_itself_takes_two(policy, today, signed):
    with pytest.raises(Refused, match="two officers"):
        publishing.publish(*wider(today), by="a test", now=today, signed=signed)
    assert len(versions.all_versions()) == 1


def test_who_is_no_officer_neither_puts_forward_nor_publishes_nor_withdraws(officers, somebody, today):
    eve = somebody("eve@example.com").join()
    desk.give(eve.person, Role.ENGINEER, now=today)
    waits = next_text.submit(*wider(today), by=officers[0], now=today)
    for act in (
        lambda: next_text.submit(*wider(today, 50), by=eve.person, now=today),
        lambda: next_text.approve(waits.pk, by=eve.person, now=today),
        lambda: next_text.withdraw(waits.pk, by=eve.person, now=today),
    ):
        with pytest.raises(Refused):
            act()
    desk.take(officers[1], now=today)
    with pytest.raises(Refused):
        next_text.approve(waits.pk, by=officers[1], now=today)


def test_one_waits_at_a_time_and_either_withdraws_it(officers, today):
    one, two = officers
    waits = next_text.submit(*wider(today), by=one, now=today)
    with pytest.raises(Refused, match="waits for its second officer"):
        next_text.submit(*wider(today, 50), by=two, now=today)
    next_text.withdraw(waits.pk, by=one, now=today)
    assert isinstance(next_text.submit(*wider(today, 50), by=two, now=today), NextText)
    with pytest.raises(NotFound):
        next_text.withdraw(waits.pk, by=one, now=today)
    with pytest.raises(NotFound):
        next_text.approve(uuid4(), by=one, now=today)


def test_a_date_that_has_come_too_near_meanwhile_is_refused(officers, today):
    waits = next_text.submit(*wider(today, 31), by=officers[0], now=today)
    with pytest.raises(BadInput, match="date it"):
        next_text.approve(waits.pk, by=officers[1], now=today + 5 * DAY)
    assert next_text.waiting().pk == waits.pk


def test_two_publish_at_once_and_it_is_published_once(officers, somebody, today):
    third = somebody("three@example.com").join()
    desk.give(third.person, Role.OFFICER, now=today)
    waits = next_text.submit(*wider(today), by=officers[0], now=today)

    def approve(officer):
        try:
            next_text.approve(waits.pk, by=officer, now=today)
        except NotFound:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, [officers[1], third.person])) == [False, True]
    assert len(versions.all_versions()) == 2


def test_the_database_refuses_one_signer_too(officers, today):
    waits = next_text.submit(*wider(today), by=officers[0], now=today)
    with pytest.raises(IntegrityError):
        NextText.objects.filter(pk=waits.pk).update(state="published", settled_by=officers[0], settled_at=today)
