"""
One Avow per home: a lock that the whole process tree holds.

Why the tree and not the supervisor alone: after a kill -9 of the supervisor its
children need a moment to end. They inherited the lock, so the next start waits
for that moment instead of meeting half of the old service.

Holds:    a second start is told at once which process is in the way; a start after
          a crash waits for what is left of the old tree, for `patience` seconds.
Assumes:  the home lies on a filesystem with flock (any local one).
"""

import fcntl
import os
import time
from pathlib import Path

from avow.errors import HomeInUse

FIELD_OF_START = 19  # of /proc/<pid>/stat after the command's name: when the process started


def started(pid: int) -> str:
    """Return when a process started, in the kernel's ticks, or an empty text when there is none (a zombie is none)."""
    try:
        after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if after[0] in "ZX" else after[FIELD_OF_START]


def holder(path: Path) -> int | None:
    """Return the living process that the lock file names, or None."""
    try:
        pid, _, start = path.read_text().partition(" ")
    except FileNotFoundError:
        return None
    return int(pid) if start and started(int(pid)) == start else None


def take(path: Path, *, patience: float = 20.0) -> int:
    """Lock the home and return the descriptor to be kept open and handed to children; raise HomeInUse."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refuse_or_wait(path, descriptor, until)
        else:
            break
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {started(os.getpid())}".encode(), 0)
    return descriptor


def refuse_or_wait(path: Path, descriptor: int, until: float) -> None:
    """Wait a little while only leftovers hold the lock; raise HomeInUse when an Avow does, or when patience ends."""
    pid = holder(path)
    if pid is None and time.monotonic() < until:
        time.sleep(0.1)
        return
    os.close(descriptor)
    if pid:
        raise in_the_way(path, pid)
    raise HomeInUse(f"What is left of an Avow that ended still holds {path.parent}; wait a moment and start again.")


def in_the_way(path: Path, pid: int) -> HomeInUse:
    """Return the refusal that names the process in the way."""
    return HomeInUse(f"Avow already runs on {path.parent} as process {pid}; stop it first, or use another AVOW_HOME.")
