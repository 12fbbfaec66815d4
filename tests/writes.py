"""
Which files this process writes, wherever they lie: what a walk over the home alone would not see.

Why an audit hook: Python tells it of each file that it opens, in every thread, and needs no other tool. A hook stays for
good, so there is one for the process, and it looks only while somebody listens.

Does not: hear what C code opens by itself (DuckDB's spill has a test of its own, PostgreSQL has its own folder).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
MAKES = {"os.rename": 1, "os.link": 1, "os.symlink": 1, "shutil.copyfile": 1, "os.mkdir": 0, "sqlite3.connect": 0}
LISTENERS: list[set[str]] = []
HOOKED: list[bool] = []


def _hear(event: str, said: tuple) -> None:
    if not LISTENERS:
        return
    if event == "open" and not isinstance(said[0], int) and (said[2] & FOR_WRITING or set(said[1] or "") & set("wax+")):
        LISTENERS[-1].add(os.fsdecode(said[0]))
    elif event in MAKES:
        LISTENERS[-1].add(os.fsdecode(said[MAKES[event]]))


@contextmanager
def writing() -> Iterator[set[str]]:
    """Give the set of paths that are opened for writing, or made, meanwhile."""
    if not HOOKED:
        sys.addaudithook(_hear)
        HOOKED.append(True)
    LISTENERS.append(set())
    try:
        yield LISTENERS[-1]
    finally:
        LISTENERS.pop()
