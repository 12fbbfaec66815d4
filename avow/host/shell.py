"""
Commands that need the tables: those of the running service, or our own PostgreSQL for a moment.

Holds:    afterwards things are as before: what ran runs, what was stopped is stopped. While
          a command has the database up, no second Avow can start on the home. Where no service runs whose start
          has held keys against data, that is done first; only `avow restore` goes without it.
"""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import django
from django.db import connections

from avow.errors import NotFound, NotYet
from avow.host import bootstrap, locking
from avow.host.home import Home
from avow.host.servers import server_of


@contextmanager
def tables(home: Home | None = None, *, fenced: bool = True) -> Iterator[None]:
    """Have both databases answer and Django ready inside the block; raise NotFound when the home never ran."""
    home = home or Home.from_environment()
    if not home.connections.exists():
        raise NotFound(f"No Avow has run on {home.root} yet; start one with `avow up`, or set AVOW_HOME.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "avow.host.settings")
    if locking.holder(home.lock) is not None:
        if not bootstrap.stands(home):
            raise NotYet(
                "Avow is just starting on this home, or its code is newer than its tables; try again in a moment."
            )
        django.setup()
        yield
        return
    lock = locking.take(home.lock)
    server = server_of(home)
    try:
        server.start()
        bootstrap.prepare(home, server.connect, **server.address())
        django.setup()
        if fenced:
            importlib.import_module("avow.vault.fence").require(now=datetime.now(UTC))
        yield
        connections.close_all()
    finally:
        server.stop()
        os.close(lock)
