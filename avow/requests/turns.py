"""
One push of a request at a time.

Why a lock of the session and not of a row: a push makes several commits in two
databases, and each has to be durable when the next begins; a row's lock would end
with the first of them. PostgreSQL lets this one go when the process dies, so kill -9
leaves nothing locked.

Assumes:  one database session a thread, i.e. no pooler that mixes sessions between
          statements (the job queue assumes the same).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

ROOM = 0x61767271  # "avrq": keeps this room's locks apart from those of others


@contextmanager
def turn(request: UUID) -> Iterator[bool]:
    """Give True to the one push that may work on this request now, False to any other."""
    key = [ROOM, request.int % 2**31]  # two requests that share a key only wait for each other
    mine = _ask("SELECT pg_try_advisory_lock(%s, %s)", key)
    try:
        yield mine
    finally:
        if mine:
            _ask("SELECT pg_advisory_unlock(%s, %s)", key)


def _ask(sql: str, key: list[int]) -> bool:
    """Run a statement that answers yes or no."""
    with connection.cursor() as cursor:
        cursor.execute(sql, key)
        (answer,) = cursor.fetchone()
    return bool(answer)
