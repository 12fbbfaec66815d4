"""
Locks between processes: files that the kernel unlocks when their holder dies.

Holds:    a killed process holds nothing. Writers of the spool share its lock, and who closes segments
          holds it alone, so no frame is in flight when a segment is closed. One process at a time changes the lake.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the folder's lock, waiting for it."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
