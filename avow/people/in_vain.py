"""
Do something in both databases and undo it: for checks on the living service.

Holds:    nothing that was written inside the block remains, also when it fails.
Does not: undo what leaves the databases; nothing in this room does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def in_vain() -> Iterator[None]:
    """Run the block in a transaction of each database, and roll both back."""
    with transaction.atomic(using="avow_keys"), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="avow_keys")
