"""
The web's connections: a pool for each database, since under ASGI each request has a thread of its own.

Why not Django's persistent connections: they belong to a thread, and these threads
live for one request; they would pile up until PostgreSQL refuses.

Holds:    never more connections than requests at once; a connection goes back without
          the person it last served, so that row-level security begins anew, and without
          a role of the desk.
"""

from typing import Any

from psycopg import Connection

AT_ONCE = 16  # requests, each in a thread of its own with up to one connection to each database
FORGET = (b"RESET ROLE", b"SELECT set_config('avow.person', '', false)")


def forget_person(connection: Connection[Any]) -> None:
    """Take the last person, and a role of the desk, off a connection that goes back to the pool."""
    for statement in FORGET:
        connection.execute(statement)
    if not connection.autocommit:
        connection.commit()


POOL = {"min_size": 1, "max_size": AT_ONCE, "timeout": 10, "max_idle": 120, "reset": forget_person}
