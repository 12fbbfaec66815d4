"""
How many acts a second the log takes up, durably, at 1, 64 and 1024 to a commit.

Paired in the same run with a plain INSERT of the same bytes and an outbox row deleted in the same
transaction: the least that any append-only table behind an outbox would cost.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from bench._house import house

BATCHES = {1: 300, 64: 60, 1024: 12}  # entries to a commit: commits a round
ROUNDS = 3
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

PLAIN = """
    CREATE TABLE plain (index bigint PRIMARY KEY, entry_id uuid UNIQUE, entry bytea, hash bytea);
    GRANT SELECT, INSERT ON plain TO avow_log;
"""


def run() -> dict[str, Any]:
    """Measure each size of commit, ours and the plain one by turns."""
    with house(PLAIN):
        from avow.evidence.models import Outbox  # noqa: PLC0415 - Django stands now
        from avow.evidence.notes import SigningKey  # noqa: PLC0415
        from avow.evidence.sequencing import sequence  # noqa: PLC0415

        key = SigningKey("bench.example/log", bytes(range(32)))
        sequence(key=key, now=NOW)

        def fill(count: int) -> None:
            Outbox.objects.bulk_create(Outbox(entry_id=uuid4(), entry=entry_bytes(n)) for n in range(count))

        figures = {"entry_bytes": len(entry_bytes(0))}
        for size, commits in BATCHES.items():
            figures[f"batch {size}"] = compare(size, commits, fill, lambda: sequence(key=key, now=NOW))
        return figures


def compare(size: int, commits: int, fill: Callable[[int], None], ours: Callable[[], object]) -> dict[str, Any]:
    """Return rates of both paths and their ratio, each the median of the rounds."""
    rates: dict[str, list[float]] = {"avow": [], "plain": []}
    for _ in range(ROUNDS):
        for name, act in (("avow", ours), ("plain", plain)):
            spent = 0.0
            for _ in range(commits):
                fill(size)
                began = time.perf_counter()
                act()
                spent += time.perf_counter() - began
            rates[name].append(size * commits / spent)
    found = {name: round(statistics.median(values)) for name, values in rates.items()}
    return {
        "avow_per_s": found["avow"],
        "plain_per_s": found["plain"],
        "ratio": round(found["plain"] / found["avow"], 2),
    }


def plain() -> None:
    """Move what waits into a plain table: no tree, no signature, no second outbox."""
    from django.db import connections, transaction  # noqa: PLC0415

    with transaction.atomic(using="avow_log"), connections["avow_log"].cursor() as cursor:
        cursor.execute("SELECT id, entry_id, entry FROM evidence_outbox ORDER BY id LIMIT 1024")
        rows = cursor.fetchall()
        cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM plain")
        (first,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO plain (index, entry_id, entry) SELECT %s + n - 1, i, e "
            "FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS fresh (i, e, n)",
            [first, [row[1] for row in rows], [bytes(row[2]) for row in rows]],
        )
        cursor.execute("DELETE FROM evidence_outbox WHERE id = ANY(%s)", [[row[0] for row in rows]])


def entry_bytes(number: int) -> bytes:
    """Return an entry as acts write it."""
    from avow.evidence.acts import Act  # noqa: PLC0415
    from avow.evidence.entries import Entry  # noqa: PLC0415
    from avow.policy.promises import Promise  # noqa: PLC0415

    subject = number.to_bytes(32, "big")
    return Entry(
        act=Act.FIELD_CHANGED, at=NOW, promise=Promise.VIEW_AND_CORRECT, subject=subject, actor="person"
    ).encode()
