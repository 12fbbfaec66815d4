"""
What a hold keeps: the fields it names, their history, their addresses, given within its dates; and what is replaced.

It bites: without the dates in `holds_keeping.SCOPE`, without `superseded_at IS NULL OR` for an erasure (only current
values), without `_addresses`, and without each of the three calls of `keep_replaced`, one of these fails (each tried).
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from avow.errors import BadInput, Erased
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import addresses, holds, holds_keeping, opening, persons, sealing
from avow.vault.actor import SERVICE
from avow.vault.holds import Dates
from avow.vault.models import HeldField
from tests.vault.holding import A_DAY, all_of, copied, enrolled, erase, hold_on, opened, proposed

pytestmark = [pytest.mark.proves(Promise.LEGAL_DISCLOSURE, Promise.DE_IDENTIFY)]


@pytest.fixture
def ada(house, publish, now):
    publish(Purpose.ACCOUNT, Purpose.LEGAL, on=now - timedelta(days=50))
    return enrolled(now - 10 * A_DAY)


@pytest.fixture
def moved(ada, now):
    """Ada, who corrected her e-mail address twice: it is `the email`, `second` and `third`, a day apart."""
    for days, value in ((9, "second"), (8, "third")):
        sealing.put(ada, "email", value, source="a test", now=now - days * A_DAY)
    return ada


def days_ago(now, days):
    return now - timedelta(days=days)


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [
        (None, None, ["third", "second", "the email"]),
        (9, None, ["third", "second"]),
        (None, 9, ["second", "the email"]),
        (9, 9, ["second"]),
        (7, None, []),
        (None, 11, []),
    ],
)
def test_of_a_field_it_keeps_every_value_that_was_given_within_its_dates(moved, now, first, last, kept):
    given = Dates(first and days_ago(now, first), last and days_ago(now, last))
    hold = hold_on(moved, now, given=given)
    erase(moved, now)
    assert all_of(hold, now) == kept and HeldField.objects.count() == len(kept)
    found = holds.history_held(hold, "email", Purpose.LEGAL, by=SERVICE, now=now)
    assert all(one.until is None for one in found if one.value == "third")
    assert all(one.until == days_ago(now, 8) for one in found if one.value == "second")


def test_of_addresses_too(ada, now):
    token = addresses.token_for("email", "Ada@Example.com", ada, days_ago(now, 9))
    addresses.token_for("phone", "+442079460958", ada, days_ago(now, 9))
    hold = hold_on(ada, now, given=Dates(days_ago(now, 9)))
    erase(ada, now)
    assert all_of(hold, now) == ["Ada@Example.com"] and addresses.find("email", "ada@example.com") is None
    assert token not in str(list(HeldField.objects.values())), "the token would lead to who else has the address"


def test_rows_that_are_not_held_do_not_open_with_its_key(moved, now):
    """A copy of every row that there was, tried with the hold's key after the erasure: only what is in scope opens."""
    other = hold_on(moved, now, ["nickname"])
    hold = hold_on(moved, now, given=Dates(days_ago(now, 8)))
    erase(moved, now)
    mine, theirs = holds.find(hold).subject, HeldField.objects.get(hold=other)
    assert copied(mine, HeldField.objects.get(hold=hold)) == b"third"
    for changed in (
        {},
        {"hold_id": hold},
        {"hold_id": hold, "field": "email"},
    ):
        for name, value in changed.items():
            setattr(theirs, name, value)
        with pytest.raises(Exception, match="does not open"):
            copied(mine, theirs)
    with pytest.raises(Exception, match="erased"):
        opening.open_field(moved, "diary", Purpose.ACCOUNT, by=SERVICE, now=now)


def test_a_value_that_is_corrected_or_removed_meanwhile_is_kept_at_once_and_its_person_goes_on(moved, now):
    hold = hold_on(moved, now, ["email", "nickname"])
    sealing.put(moved, "email", "fourth", source="a test", now=now)
    assert all_of(hold, now) == ["third"]
    assert sealing.remove(moved, "nickname", now=now) and all_of(hold, now, "nickname") == ["the nickname"]
    sealing.put(moved, "diary", "a new page", source="a test", now=now)
    assert HeldField.objects.count() == 2, "what no hold names is not kept"
    assert opening.open_field(moved, "email", Purpose.ACCOUNT, by=SERVICE, now=now) == "fourth", "nothing is frozen"
    erase(moved, now)
    assert all_of(hold, now) == ["fourth", "third", "second", "the email"] and opened(hold, now) == "fourth"


def test_an_address_that_is_let_go_or_spelt_anew_is_kept_at_once(ada, now):
    token = addresses.token_for("email", "Ada@Example.com", ada, days_ago(now, 1))
    hold = hold_on(ada, now)
    addresses.token_for("email", "ada@example.com", ada, now)
    addresses.let_go(token, ada, now=now)
    assert sorted(all_of(hold, now)) == ["Ada@Example.com", "ada@example.com"]


def test_what_is_replaced_outside_the_dates_or_before_two_signed_is_not(moved, now):
    waits, narrow = proposed(moved, now), hold_on(moved, now, given=Dates(now - A_DAY))
    sealing.put(moved, "email", "fourth", source="a test", now=now)
    assert not HeldField.objects.exists()
    holds.confirm(waits, by=holds.UUID(int=9), now=now)
    erase(moved, now)
    assert all_of(narrow, now) == ["fourth"] and len(all_of(waits, now)) == 4


def test_a_person_who_is_not_held_costs_one_statement_and_many_rows_as_few(ada, now):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        holds.keep(ada, now=now)
    assert len(seen) == 1
    for number in range(50):
        sealing.put(ada, "email", f"e{number}", source="a test", now=now)
    hold_on(ada, now)
    with CaptureQueriesContext(connection) as few:
        holds.keep(ada, now=now)
    assert HeldField.objects.count() == 51 and len(few) < 20


def test_keeping_is_repeated_without_keeping_twice_and_nothing_is_given_in_between(moved, now):
    """It bites: without `erasing_since` in `_keep`, what is given between keeping and the puncture is lost."""
    hold = hold_on(moved, now)
    holds.keep(moved, now=now)
    kept = list(HeldField.objects.order_by("pk").values_list("pk", "ciphertext"))
    with pytest.raises(Erased):
        sealing.put(moved, "email", "fourth", source="a test", now=now)
    holds.keep(moved, now=now)
    assert list(HeldField.objects.order_by("pk").values_list("pk", "ciphertext")) == kept and len(kept) == 3
    erase(moved, now)
    holds.keep(moved, now=now)
    assert len(all_of(hold, now)) == 3


def test_while_something_could_not_be_kept_its_key_stands(moved, now, monkeypatch):
    hold_on(moved, now)
    with monkeypatch.context() as broken:
        broken.setattr(holds_keeping, "INSERT", holds_keeping.INSERT.replace("ON CONFLICT", "LIMIT 2 ON CONFLICT"))
        with pytest.raises(AssertionError, match="before its key goes"):
            erase(moved, now)
    assert persons.standing(moved).erased_at is None and not HeldField.objects.exists()


def test_a_certificate_speaks_of_what_is_kept_and_not_of_what_was_named(moved, now):
    hold_on(moved, now, given=Dates(now))
    some = hold_on(moved, now)
    erase(moved, now)
    assert [row.pk for row in holds.kept(moved)] == [some]


@pytest.mark.parametrize("names", [[], ["shoe"], ["email", "diary"]])
def test_a_field_that_cannot_be_held_is_refused_with_the_names_of_those_that_can(ada, now, names):
    with pytest.raises(BadInput, match=r"these fields can be: .*email.*nickname.*phone"):
        proposed(ada, now, names)
    with pytest.raises(BadInput, match="exchange the two"):
        proposed(ada, now, given=Dates(now, now - A_DAY))
