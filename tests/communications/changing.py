"""A house whose policy changes: the example's next text, dated as a test needs it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "policies"
DATE = "1 March 2027"
TWO = (uuid4(), uuid4())  # officers, whoever they are


def newer(day, *, wording_only=False, like=None):
    """The example's text and table, taking effect on this day; the wording alone, if wanted."""
    raw, table = (EXAMPLE / "optimibi-next.md").read_text(), (EXAMPLE / "optimibi-next.toml").read_text()
    said = f"{day.day} {day:%B %Y}"
    swaps = [(DATE, said)]
    if wording_only:
        swaps += [
            (", about offers of our partners, or", ", or"),
            ("we may develop", "we may tailor what you see, develop"),
            ('purposes = ["improvement"]', 'purposes = ["personalisation", "improvement"]'),
        ]
    for before, after in swaps:
        raw, table = raw.replace(before, after), table.replace(before, after)
    return raw.encode(), table.encode()


@pytest.fixture
def today():
    return datetime.now(UTC)


@pytest.fixture
def visitor():
    """A browser of somebody without an account."""
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")


@pytest.fixture
def change(policy, today):
    """Publish the next text so that it takes effect in so many days (from 30 days before), and return its version."""
    from avow.communications import publishing

    def published(days=30, *, text="We may write about partners' offers.", at=None):
        effective = (today + timedelta(days=days)).date()
        at = at or min(today, datetime(effective.year, effective.month, effective.day, tzinfo=UTC) - timedelta(days=30))
        return publishing.publish(*newer(effective), text=text, by="a test", now=at, signed=TWO)

    return published
