"""
The register of incidents, as far as a shell should hear of it: is one past its time, and are there two to decide.

Holds:    numbers alone. Where nothing runs it says so, and the next start's live check looks.
"""

import importlib
from datetime import datetime

import psycopg
from django.db import DatabaseError

from avow.errors import AvowError
from avow.host import locking
from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home
from avow.host.shell import tables
from avow.people.desk_roles import Role

NAME, TWO = "incidents", 2
WHERE = "Go to the desk, Incidents."
ALONE = "fewer than two officers: nobody could close an incident, or decide that somebody need not be told of it."


def incidents(home: Home, now: datetime) -> Finding:
    """Say whether an incident is open, and how its 72 hours stand."""
    if locking.holder(home.lock) is None:
        return ok(NAME, "not looked at: nothing runs. A live check holds them to their 72 hours once it does.")
    try:
        with tables(home):
            standing = importlib.import_module("avow.sharing.incidents_queries").standing(now)
            staff = importlib.import_module("avow.people.desk").staff()
    except (AvowError, DatabaseError, psycopg.Error, OSError):
        return weak(NAME, "could not be looked at: the database does not answer.", "Run avow doctor again in a moment.")
    if standing.late:
        return wrong(NAME, f"past 72 hours without a word to the authority: {standing.late}.", WHERE)
    if standing.open:
        left = f"; the first of them has {standing.words}" if standing.words else ""
        return weak(NAME, f"not closed: {standing.open}{left}.", WHERE)
    if sum(one.desk_role == Role.OFFICER for one in staff) < TWO:
        return weak(NAME, ALONE, "Invite another officer: the desk, Staff.")
    return ok(NAME, "none is open, and there are officers enough to decide about one.")
