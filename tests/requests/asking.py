"""Fixtures of this room and of the promise it keeps: Optimibi's policy in force, the log at hand, somebody to ask."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "four boats on a quiet river"
POLICY = Path(__file__).parents[2] / "policies" / "optimibi"


@pytest.fixture
def optimibi(db):
    """Optimibi's policy in force, as it is shipped."""
    from avow.evidence import versions

    return versions.freeze(
        (POLICY / "2024-05-05.md").read_bytes(),
        (POLICY / "clauses.toml").read_bytes(),
        now=NOW - timedelta(days=30),
        published_by="a test",
    )


@pytest.fixture
def log_key(optimibi):
    """The log's key."""
    from django.conf import settings

    from avow.evidence import notes

    return notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)


@pytest.fixture
def take_up(log_key):
    """Let the log take up what waits, as the worker does."""
    from avow.evidence import sequencing

    def taken(now=NOW):
        while sequencing.sequence(key=log_key, now=now):
            pass

    return taken


@pytest.fixture
def someone(optimibi):
    """Make a person with an account, an address and a value in each field."""
    return make_someone


def make_someone(address="ada@example.com", *, now=NOW, password=PASSWORD, **fields) -> UUID:
    from allauth.account.models import EmailAddress

    from avow.people import enrolment
    from avow.people.models import Account
    from avow.vault import sealing

    account = enrolment.open_account(Account(), password, now=now)
    for field, value in {"name": "Ada Lovelace", "phone": "+442079460958", "email": address, **fields}.items():
        sealing.put(account.person, field, value, source="sign-up", now=now)
    EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
    return account.person


@pytest.fixture
def complete(take_up):
    """Push an erasure, with the log taking entries up between pushes, until it is complete."""
    from avow.requests import erasing

    def to_the_end(request, *, now=NOW, most=12):
        for _ in range(most):
            progress = erasing.push(request, now=now)
            if progress.complete:
                return progress
            take_up(now)
        raise AssertionError(f"an erasure does not come to its end: {progress}")

    return to_the_end
