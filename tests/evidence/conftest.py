"""A log with a key of its own, and a clock. Models are imported late: this file is read before Django stands."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.notes import SigningKey

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def key():
    return SigningKey("log.example/avow", bytes(range(32)))


@pytest.fixture
def log(db, key):
    """Write n acts, and have the log take them up."""
    from avow.evidence.models import Outbox
    from avow.evidence.sequencing import sequence

    class Log:
        def write(self, count=1, using="default", act=Act.SIGNED_IN):
            entries = [
                Entry(act=act, at=NOON + timedelta(seconds=n), subject=bytes([n % 256]) * 32) for n in range(count)
            ]
            waiting = [Outbox(entry_id=uuid4(), entry=entry.encode()) for entry in entries]  # as `record` does, faster
            return [row.entry_id for row in Outbox.objects.using(using).bulk_create(waiting)]

        def sequence(self, now=NOON):
            total = 0
            while added := sequence(key=key, now=now):
                total += added
            return total

    return Log()


TABLE = b"""format = "avow.clauses/1"

[kept]
kind = "statement"
says = '''We keep it.'''
"""


def text(day, words):
    """A small policy."""
    return f"# Privacy Policy\n\n**Effective Date: {day}**\n\n{words}\n".encode()
