"""A house with a published policy, its log's key, and somebody in it. Models are imported late: this file is read before Django stands."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

PASSWORD = "a long and quiet afternoon"


@pytest.fixture
def house(db):
    """The shipped policy in force, the log's public key written down, and a way to have the log take acts up."""
    return furnish()


def furnish(raw=None):
    """Publish a policy (the shipped one unless given) as `avow up` does, and return what a test then needs."""
    from django.conf import settings

    from avow.evidence import notes, sequencing, versions
    from avow.policy.loading import load_shipped

    loaded = load_shipped()
    key = notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)
    notes.publish(key, settings.HOME.root / "log.vkey")
    version = versions.freeze(raw or loaded.raw, loaded.table.read_bytes(), now=datetime.now(UTC), published_by="test")

    def record():
        while sequencing.sequence(key=key, now=datetime.now(UTC)):
            pass

    record()
    return House(version, key.vkey, record)


@dataclass(frozen=True)
class House:
    """What a test needs of the house."""

    version: object
    vkey: str
    record: object

    @contextmanager
    def at_work(self):
        """Have the log take acts up meanwhile, as the worker does."""
        stop = threading.Event()

        def work():
            from django.db import connections

            while not stop.wait(0.02):
                self.record()
            connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def ada(house):
    """A person with an account and all three fields, and a client signed in as her."""
    return resident("ada@example.com", name="Ada Lovelace", phone="+493012345678")


def resident(email, **given_fields):
    from allauth.account.models import EmailAddress
    from django.test import Client

    from avow.people import enrolment, given
    from avow.people.models import Account

    now = datetime.now(UTC)
    account = enrolment.open_account(Account(), PASSWORD, now=now)
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    for field, value in {"email": email, **given_fields}.items():
        given.keep(account.person, field, value, source="sign-up", now=now)
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.account, client.person = account, account.person
    return client


@pytest.fixture
def officer(ada):
    """The same person, with the desk, and the app that it asks for."""
    from avow.people import desk
    from tests.people import app

    desk.grant("ada@example.com", datetime.now(UTC))
    ada.app = app.guard(ada.person)
    return ada
