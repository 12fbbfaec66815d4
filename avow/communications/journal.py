"""
The journal of one run: which mail is being given to the relay, and which it took; it is read after a crash.

    > number      before the mail's text is given
    < number      after the relay said yes
    - number      after it said no

Why a file and not a table: a mark costs a microsecond and survives the process; a commit for each would cost more than
the mail. What has the first mark alone is in doubt: one mail at most, since a connection gives one text at a time.

Holds:    a mark that was torn in writing counts as not written: of the text's beginning, nothing was given yet; of its
          end, the mail is in doubt. The file is locked while its run lives, so nobody takes a living run for a dead
          one. Marks are forced to disk every 50 ms while mails go.
Does not: outlive a power cut whole: what went since the last force may go twice, news too.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

GIVING, GIVEN, REFUSED = b">", b"<", b"-"
SIGNS = (GIVING, GIVEN, REFUSED)
MARK = 17  # bytes
FORCED = 0.05  # seconds


@dataclass(frozen=True)
class Marks:
    """What a journal says, by the numbers of messages."""

    given: frozenset[UUID]
    in_doubt: frozenset[UUID]


class Journal:
    """The journal of a run that lives."""

    def __init__(self, run: UUID, descriptor: int, clock: Callable[[], float]) -> None:
        self.run, self._file, self._clock, self._forced = run, descriptor, clock, clock()
        self.in_doubt: UUID | None = None

    def giving(self, number: UUID) -> None:
        """Note that the text of a mail is about to be given."""
        self._mark(GIVING, number)
        self.in_doubt = number

    def given(self, number: UUID) -> None:
        """Note that the relay took it."""
        self._mark(GIVEN, number)
        self.in_doubt = None

    def refused(self, number: UUID) -> None:
        """Note that the relay did not take it."""
        self._mark(REFUSED, number)
        self.in_doubt = None

    def _mark(self, sign: bytes, number: UUID) -> None:
        os.write(self._file, sign + number.bytes)
        if self._clock() - self._forced > FORCED:
            os.fdatasync(self._file)
            self._forced = self._clock()


def folder() -> Path:
    """Return the folder, made and closed to others."""
    path: Path = settings.HOME.root / "mail" / "journal"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def begun(clock: Callable[[], float] = time.monotonic) -> Iterator[Journal]:
    """Open the journal of a new run; it is removed when the block ends well, and stays for `dead` when it does not."""
    run = uuid4()
    path = folder() / run.hex
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _force(path.parent)
        yield Journal(run, descriptor, clock)
        path.unlink()
    finally:
        os.close(descriptor)


@contextmanager
def dead() -> Iterator[dict[UUID, Marks]]:
    """Hold the journals of runs that died, and remove them when the block ends well."""
    held: dict[UUID, tuple[Path, int]] = {}
    try:
        for path in sorted(folder().iterdir()):
            if (descriptor := _hold(path)) is not None:
                held[UUID(hex=path.name)] = path, descriptor
        yield {run: read(os.pread(file, os.fstat(file).st_size, 0)) for run, (_, file) in held.items()}
        for path, _ in held.values():
            path.unlink(missing_ok=True)
    finally:
        for _, descriptor in held.values():
            os.close(descriptor)


def here() -> set[UUID]:
    """Return the runs whose journal lies here, of the living and the dead."""
    found = set[UUID]()
    for path in folder().iterdir():
        with suppress(ValueError):
            found.add(UUID(hex=path.name))
    return found


def read(raw: bytes) -> Marks:
    """Read a journal, as far as it was written."""
    marks = [(raw[at : at + 1], raw[at + 1 : at + MARK]) for at in range(0, len(raw) - MARK + 1, MARK)]
    said = {sign: frozenset(UUID(bytes=number) for each, number in marks if each == sign) for sign in SIGNS}
    return Marks(said[GIVEN], said[GIVING] - said[GIVEN] - said[REFUSED])


def _force(directory: Path) -> None:
    """Have the disk know that the file is there."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hold(path: Path) -> int | None:
    """Lock a journal that nobody holds; None for a run that lives, or one that ended just now."""
    with suppress(FileNotFoundError, ValueError):
        UUID(hex=path.name)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
    return None
