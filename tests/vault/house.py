"""A published policy whose purposes a test can choose, fields that only tests declare, and an adversary."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from avow.policy.categories import Category
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEXT = """# Policy of a house for tests

Effective date: {date}

## Use

{sentence}
"""
TABLE = """format = "avow.clauses/1"
company = "A house for tests"

[uses]
at = "1.1"
says = '''{sentence}'''
kind = "permission"
promise = "purpose-limit"
purposes = {purposes}
"""


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def publish(db):
    """Publish a version that permits these purposes, in force from a day on."""
    from avow.evidence import versions

    def published(*purposes, on=NOW - timedelta(days=100)):
        sentence = "We use what you give us for " + ", ".join(sorted(purposes)) + "."
        table = TABLE.format(sentence=sentence, purposes=[str(purpose) for purpose in sorted(purposes)])
        text = TEXT.format(date=on.date().isoformat(), sentence=sentence)
        return versions.freeze(text.encode(), table.encode(), now=on, published_by="a test")

    return published


@pytest.fixture
def house(publish, monkeypatch):
    """A house with a policy for accounts, communication and analysis, and three declared fields."""
    from avow.vault import catalogue

    everything = frozenset(Purpose)
    kinds = {"nickname": everything, "email": everything, "phone": everything, "diary": frozenset({Purpose.ACCOUNT})}
    for name, purposes in kinds.items():
        field = catalogue.PersonalField(
            name, name.title(), Category.NAME, purposes, False, "a test", "nobody", "a test", Promise.GIVEN_DATA
        )
        monkeypatch.setitem(catalogue.FIELDS, name, field)
    version = publish(Purpose.ACCOUNT, Purpose.COMMUNICATION, Purpose.ANALYSIS)
    return SimpleNamespace(version=version, now=NOW)


@pytest.fixture
def person(house):
    from avow.vault.enrolment import enrol

    return enrol(now=NOW)


@pytest.fixture
def keys(db, tmp_path):
    """A keyring in two folders and a folder of key backups of the test's own: what rolls leaves keys of later epochs."""
    from django.test import override_settings

    from avow.vault.keys import epochs

    (tmp_path / "copy").mkdir(mode=0o700)
    places = {
        "KEYRING_FOLDER": tmp_path / "keys", "KEYRING_COPIES": [tmp_path / "copy"],
        "KEY_BACKUPS_FOLDER": tmp_path / "key-backups",
    }  # fmt: skip
    with override_settings(**places):
        yield SimpleNamespace(
            own=tmp_path / "keys", copy=tmp_path / "copy", backups=tmp_path / "key-backups", ring=epochs.keyring()
        )


@pytest.fixture
def apart(house, tmp_path):
    """A keyring and a folder of backups of the test's own, which no other installation's log was seen by."""
    from django.test import override_settings

    with override_settings(KEYRING_FOLDER=tmp_path / "keys", KEY_BACKUPS_FOLDER=tmp_path / "backups", LOG_SEEN=None):
        yield SimpleNamespace(keys=tmp_path / "keys", backups=tmp_path / "backups")
