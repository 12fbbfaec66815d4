"""Closing an account: nothing of it is left, the address is free again, and it may be done twice."""

from datetime import UTC, datetime
from uuid import uuid4

from django.core.cache import cache

from avow.people import deletion, desk, queries
from avow.people.models import Account, Session
from avow.people.signals import account_closed
from avow.people.stores import AccountStore, SessionStore
from avow.vault import stores


def now():
    return datetime.now(UTC)


def test_both_stores_stand_in_the_register():
    assert {"account", "sessions", "messages"} <= {store.name for store in stores.stores()}


def test_what_is_held_is_exported(ada):
    exported = {one.name: one.rows for one in AccountStore().export(ada.person, now=now())}
    assert exported["account-addresses"] == ({"address": "ada@example.com", "confirmed": True, "in use": True},)
    assert exported["account"][0]["last sign-in"] is not None
    sessions, browsers = SessionStore().export(ada.person, now=now())
    assert len(browsers.rows) == 1
    assert len(sessions.rows) == 1


def test_closing_ends_sessions_and_account_and_frees_the_address(ada, somebody):
    person, heard = ada.person, []

    def hear(sender, **news):
        heard.append(news["person"])

    account_closed.connect(hear)
    rows = SessionStore().forget(person, request=uuid4(), now=now()) + AccountStore().forget(
        person, request=uuid4(), now=now()
    )
    assert rows == 4  # session, known browser, address, account
    assert heard == [person]
    assert (SessionStore().count(person), AccountStore().count(person)) == (0, 0)
    assert AccountStore().forget(person, request=uuid4(), now=now()) == 0
    assert ada.get("/accounts/email/").status_code == 302
    ada.sign_in()
    assert not ada.is_signed_in
    cache.clear()
    again = somebody().join()
    assert again.person != person


def test_closing_one_leaves_the_others(ada, somebody):
    bob = somebody("bob@example.com").join()
    deletion.close(ada.person or bob.person, request=uuid4(), now=now())
    assert bob.get("/accounts/email/").status_code == 200
    assert queries.person_at("bob@example.com") is not None


def test_a_suspended_account_signs_nobody_in(ada, somebody):
    deletion.suspend(ada.person)
    elsewhere = somebody()
    elsewhere.sign_in()
    assert not elsewhere.is_signed_in
    assert ada.get("/accounts/email/").status_code == 302  # and the open session is over
    assert not desk.require(Account.objects.get())
    assert Session.objects.count() >= 1
