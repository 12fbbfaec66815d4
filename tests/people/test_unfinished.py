"""A sign-up that nobody finished: what was typed is erased a day later, and the address is free."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from avow.people import unfinished
from avow.people.models import Account
from avow.vault import persons, stores

A_DAY = timedelta(days=1, minutes=1)


def now():
    return datetime.now(UTC)


def test_it_is_erased_a_day_later_and_not_before(somebody):
    ada = somebody()
    ada.sign_up(name="Ada Lovelace", phone="+44 20 7946 0958")
    person = ada.person
    assert unfinished.clear(now()) == 0
    assert sum(store.count(person) for store in stores.stores()) > 3
    assert unfinished.clear(now() + A_DAY) == 1
    assert {store.name: store.count(person) for store in stores.stores() if store.count(person)} == {}
    assert persons.standing(person).erased_at is not None
    cache.clear()
    assert ada.join().person != person


def test_finished_ones_and_the_canary_stay(ada):
    from avow.people import canary

    canary.account(now())
    ada.sign_out()
    assert unfinished.clear(now() + A_DAY) == 0
    assert Account.objects.count() == 2


@pytest.mark.parametrize(
    "step", ["avow.people.deletion.end_sessions", "avow.vault.erasure.erase", "avow.people.deletion.close"]
)
def test_a_crash_at_any_step_is_finished_by_the_next_run(somebody, monkeypatch, step):
    ada = somebody()
    ada.sign_up(name="Ada Lovelace")
    person = ada.person

    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        power_cut.setattr(step, crash)
        with pytest.raises(KeyboardInterrupt):
            unfinished.clear(now() + A_DAY)
    assert unfinished.clear(now() + A_DAY) == 1
    assert sum(store.count(person) for store in stores.stores()) == 0
