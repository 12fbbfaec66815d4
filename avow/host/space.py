"""
How much room is left, and when Avow stops rather than run into the wall.

Why stop early: PostgreSQL needs room to end cleanly, and an answer to a person
must not depend on which write happened to be the one that failed.

Holds:    below STOP the service ends in order, with nothing half written; below START
          it does not begin, and nothing is made.
"""

import os
from pathlib import Path

from avow.errors import NoSpace

MB = 1_000_000
FRESH = 120 * MB  # a new database, its log and both schemas: 75 MB measured
START = 48 * MB
STOP = 40 * MB


def left(path: Path) -> int:
    """Return the bytes that this user may still write where the path lies, or will lie."""
    while not path.exists():
        path = path.parent
    room = os.statvfs(path)
    return room.f_bavail * room.f_frsize


def require(path: Path, *, fresh: bool) -> None:
    """Raise NoSpace when there is too little room to start."""
    need = FRESH if fresh else START
    if (have := left(path)) < need:
        raise NoSpace(
            f"No space: {path} has {have // MB} MB left and Avow needs {need // MB} MB to start; make room first. "
            "Nothing was written."
        )


def short(path: Path) -> NoSpace | None:
    """Return the refusal to go on, or None while there is room."""
    have = left(path)
    if have >= STOP:
        return None
    return NoSpace(
        f"No space: {path} has {have // MB} MB left, so Avow stopped, in order and without losing anything; "
        "make room and start again."
    )
