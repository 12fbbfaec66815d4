"""
An unused account: its person is told a month before, comes back by signing in, or is erased as anybody is.

It bites: each was tried. Without the look at `last_login` in `_erase` somebody who came back is erased; without `told_at`
before it nobody was told; with a run that stops at the first failure one account keeps all the others.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avow.evidence import versions
from avow.people.models import Account
from avow.policy.promises import Promise
from avow.requests import erasing, unused
from avow.requests.models import Request, UnusedAccount
from avow.requests.states import Kind, State
from avow.vault import choices

pytestmark = [pytest.mark.proves(Promise.DE_IDENTIFY, Promise.ACCESS_AND_ERASE)]
POLICY = Path(__file__).resolve().parents[2] / "policies/optimibi"
LIMIT = timedelta(days=400)
NUMBER = "numbers.key_backup_days = 7"


def now():
    return datetime.now(UTC)


@pytest.fixture
def limited(somebody):
    """A policy whose table says for how long an unused account is kept."""
    raw, clauses = (POLICY / "2024-05-05.md").read_bytes(), (POLICY / "clauses.toml").read_text()
    assert NUMBER in clauses
    with_number = clauses.replace(NUMBER, f"numbers.inactive_days = 400\n{NUMBER}", 1)
    versions.freeze(raw, with_number.encode(), now=now(), published_by="the tests")
    return somebody


def unused_since(person, ago):
    Account.objects.filter(person=person).update(last_login=now() - ago, opened_at=now() - ago)


def test_where_no_clause_says_so_nothing_happens(ada):
    unused_since(ada.person, timedelta(days=9999))
    assert unused.days(now()) is None and unused.look(now=now()) == 0
    assert not UnusedAccount.objects.exists() and not Request.objects.exists()


def test_told_a_month_before_and_then_erased(limited, box):
    ada, eve = limited().join(), limited("eve@example.com").join()
    person = ada.person
    unused_since(person, LIMIT - timedelta(days=31))
    assert unused.look(now=now()) == 0
    unused_since(person, LIMIT - timedelta(days=29))
    assert unused.look(now=now()) == 1 and unused.look(now=now()) == 0, "told once"
    [letter] = [mail for mail in box(ada.address) if mail.subject.startswith("Your account at")]
    assert f"{now() + timedelta(days=30):%-d %B %Y}" in letter.text
    later = now() + timedelta(days=30, minutes=1)
    assert unused.erase(now=now(), limit=LIMIT) == 0 and not Request.objects.exists()
    assert unused.erase(now=later, limit=LIMIT) == 1
    request = Request.objects.get(kind=Kind.ERASURE)
    assert request.person == person and request.channel == "unused" and request.asked_by == "service"
    for _ in range(20):
        erasing.push(request.pk, now=later)
    assert not Account.objects.filter(person=person).exists() and not UnusedAccount.objects.exists()
    assert Account.objects.filter(person=eve.person).exists()
    assert Request.objects.get().state in {State.ERASED, State.COMPLETE}


def test_signing_in_keeps_it(limited):
    ada = limited().join()
    unused_since(ada.person, LIMIT)
    assert unused.look(now=now()) == 1
    ada.sign_out()
    ada.sign_in()
    assert not UnusedAccount.objects.exists()
    assert unused.erase(now=now() + timedelta(days=31), limit=LIMIT) == 0 and not Request.objects.exists()


def test_a_sign_in_between_the_look_and_the_erasure_keeps_it_too(limited):
    ada = limited().join()
    unused_since(ada.person, LIMIT)
    unused.look(now=now())
    Account.objects.update(last_login=now())  # the signal was lost with a restored database
    assert unused.erase(now=now() + timedelta(days=31), limit=LIMIT) == 0
    assert not UnusedAccount.objects.exists() and not Request.objects.exists()


def test_officers_and_canaries_are_left_alone(limited):
    from avow.people import canary, desk

    ada = limited().join()
    desk.grant(ada.address, now())
    canary.account(now())
    for person in (ada.person, canary.PERSON):
        unused_since(person, LIMIT * 2)
    assert unused.look(now=now()) == 0


def test_it_reaches_who_has_no_address_in_the_account_and_is_exported(limited):
    from avow.requests.stores import RequestsStore
    from tests.people.device import SIGN_UP, make

    bob = limited("")
    bob.post("/accounts/signup/passkey/", email="", name="", phone="")
    make(bob, at=SIGN_UP)
    person = Account.objects.get(canary=False).person
    unused_since(person, LIMIT)
    assert unused.look(now=now()) == 1
    assert "will be erased on" in bob.get("/messages").content.decode()
    exported = {part.name: part.rows for part in RequestsStore().export(person, now=now())}
    assert exported["unused"][0]["erased on"] > now()
    assert RequestsStore().count(person) == 1


def test_a_freeze_does_not_keep_the_letter_back(limited, box):
    ada = limited().join()
    choices.freeze(ada.person, now=now())
    unused_since(ada.person, LIMIT)
    assert unused.look(now=now()) == 1
    assert any(mail.subject.startswith("Your account at") for mail in box(ada.address))


def test_two_looks_at_a_time_tell_once_and_erase_once(limited, box):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    ada = limited().join()
    unused_since(ada.person, LIMIT)

    def look(moment):
        try:
            return unused.look(now=moment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, [now()] * 4)) == 1
        assert sum(pool.map(look, [now() + timedelta(days=31)] * 4)) == 1
    assert len([mail for mail in box(ada.address) if mail.subject.startswith("Your account at")]) == 1
    assert Request.objects.filter(kind=Kind.ERASURE).count() == 1


def test_an_account_that_cannot_be_told_keeps_no_other(limited, monkeypatch):
    """It bites: a loop that stops at the first failure leaves the second untold."""
    first, second = limited().join(), limited("eve@example.com").join()
    for one in (first, second):
        unused_since(one.person, LIMIT)
    real = unused.send
    monkeypatch.setattr(
        unused, "send", lambda who, *said, **when: 1 / (who != first.person) and real(who, *said, **when)
    )
    with pytest.raises(ZeroDivisionError):
        unused.look(now=now())
    assert [row.person for row in UnusedAccount.objects.all()] == [second.person]


def test_the_check_is_shown_to_fail(limited, shown_to_fail):
    with shown_to_fail(
        "unused-accounts-go-on-their-day",
        how="nobody is told of an account that lay unused past its day, or who was told is not erased on it",
    ) as trial:
        ada = limited().join()
        trial.holds()
        unused_since(ada.person, LIMIT - timedelta(days=26))
        assert "were to be told" in trial.fails()
        unused.look(now=now())
        trial.holds()
        UnusedAccount.objects.update(erase_at=now() - timedelta(days=4))
        assert "outlived the day" in trial.fails()
        unused.forget(ada.person)
        unused_since(ada.person, timedelta())
        trial.holds()
