"""
Make one person's sealed fields visible to the running transaction, and nobody else's.

Why: row-level security shows no row of SealedField until the transaction says whom it is about, so a
forgotten WHERE shows nothing. It is no wall against an injection, which can say so as well; for that
the keys lie elsewhere.

Holds:    what is visible ends with the block, also inside a longer transaction.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from avow.vault import statements

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


@contextmanager
def locked(statement: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...] | None]:
    """Run a function of the database that locks a person and shows them, and hide them again after the block.

    Yields what it found, without its last column, which is whom the transaction showed before; None without a person.
    """
    within = connection.in_atomic_block
    with transaction.atomic():
        found = statements.write(statements.AVOW, statement, values)
        yield found[:-1] if found else None
        if within and found:
            _show(found[-1])


def _show(persons: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(SHOW, [persons])
        return cursor.fetchone()[0] or ""
