"""A published policy, the log's one writer at hand, and persons with something in every field."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICY = Path(__file__).parents[2] / "policies" / "optimibi"


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def house(db):
    """Optimibi's policy in force, as it is shipped."""
    from avow.evidence import versions

    return versions.freeze(
        (POLICY / "2024-05-05.md").read_bytes(),
        (POLICY / "clauses.toml").read_bytes(),
        now=NOW - timedelta(days=30),
        published_by="a test",
    )


@pytest.fixture
def key(house):
    """The log's key."""
    from django.conf import settings

    from avow.evidence import notes

    return notes.log_key(settings.KEYRING_FOLDER, settings.LOG_ORIGIN)


@pytest.fixture
def log(key):
    """Let the log take up what waits, as the worker does."""
    from avow.evidence import sequencing

    def take_up(now=NOW):
        while sequencing.sequence(key=key, now=now):
            pass

    return take_up


@pytest.fixture
def someone(house):
    """Make a person with an account, an address and a value in each field."""
    return make_someone


def make_someone(address="ada@example.com", *, now=NOW, **fields) -> UUID:
    from allauth.account.models import EmailAddress

    from avow.people import enrolment
    from avow.people.models import Account
    from avow.vault import sealing

    account = enrolment.open_account(Account(), "correct horse battery staple", now=now)
    for field, value in {"name": "Ada Lovelace", "phone": "+442079460958", "email": address, **fields}.items():
        sealing.put(account.person, field, value, source="sign-up", now=now)
    EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
    return account.person


@pytest.fixture
def complete(log):
    """Push an erasure, with the log taking entries up between pushes, until it is complete."""
    from avow.requests import erasing

    def to_the_end(request, *, now=NOW, most=12):
        for _ in range(most):
            progress = erasing.push(request, now=now)
            if progress.complete:
                return progress
            log(now)
        raise AssertionError(f"an erasure does not come to its end: {progress}")

    return to_the_end
