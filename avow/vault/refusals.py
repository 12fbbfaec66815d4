"""
Count refused openings, and tell the log now and then.

Why in avow_keys: a refusal is raised, and the act that met it is rolled back in avow; what says that it
happened must not be rolled back with it. The two databases do not commit together, which serves here.

Holds:    every refusal is counted by hour, field and purpose. The log gets an entry at the 1st, 10th, 100th …
          of an hour, so that a loop gone wrong cannot fill it. Neither says whose datum it was.
"""

from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Sum

from avow.evidence import outbox
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.policy.promises import Promise
from avow.policy.purposes import Purpose
from avow.vault import governing
from avow.vault.keys.epochs import KEYS
from avow.vault.keys.models import Refusal

LATELY = timedelta(days=30)
COUNT = """
    INSERT INTO vault_keys_refusal (hour, field, purpose, clause) VALUES (%s, %s, %s, %s)
    ON CONFLICT (hour, field, purpose, clause) DO UPDATE SET refused = vault_keys_refusal.refused + 1
    RETURNING refused
"""


def lately(now: datetime) -> list[tuple[str, str, str, int]]:
    """Return field, purpose, clause and how often, for what was refused in thirty days; the most frequent first."""
    rows = Refusal.objects.filter(hour__gt=now - LATELY).values_list("field", "purpose", "clause")
    return list(rows.annotate(times=Sum("refused")).order_by("-times", "field", "purpose"))


def count(field: str, purpose: Purpose, *, now: datetime) -> int:
    """Count one refusal and return how many there were in this hour."""
    version = governing.in_force(now)
    clause = governing.clause_for(Promise.PURPOSE_LIMIT, version)
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic(using=KEYS), connections[KEYS].cursor() as cursor:
        cursor.execute(COUNT, [hour, field, purpose, clause or ""])
        refused = int(cursor.fetchone()[0])
        if str(refused).strip("0") == "1":
            outbox.record(
                Entry(
                    act=Act.PURPOSE_REFUSED, at=now, promise=Promise.PURPOSE_LIMIT, clause=clause, policy=version.sha256
                ),
                using=KEYS,
            )
    return refused
