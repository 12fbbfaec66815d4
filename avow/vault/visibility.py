"""
Make one person's sealed fields visible to the running transaction, and nobody else's.

Why: row-level security shows no row of SealedField until the transaction says whom it is about, so a
forgotten WHERE shows nothing. It is no wall against an injection, which can say so as well; for that
the keys lie elsewhere.

Holds:    what is visible ends with the block, also inside a longer transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

SHOW = "SELECT current_setting('avow.person', true), set_config('avow.person', %s, true)"


@contextmanager
def visible(*persons: UUID) -> Iterator[None]:
    """Show the sealed fields of these persons inside the block."""
    within = connection.in_atomic_block
    with transaction.atomic(savepoint=not within):
        before = _show(",".join([person.hex for person in persons]))
        yield
        if within:
            _show(before)


def show_again(before: str) -> None:
    """Show whom the transaction showed before one of the functions that show a person themselves (vault_leaving)."""
    _show(before)


def _show(persons: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(SHOW, [persons])
        return cursor.fetchone()[0] or ""
