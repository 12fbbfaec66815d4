"""
Turn whatever ends a command into one sentence and an exit status.

Why no traceback: an exception's text can hold what a person typed, and a traceback
tells an operator nothing. What a developer needs (types, files, lines) goes to
faults.log in the home, without any exception's text.

Holds:    an expected refusal prints its sentence and ends with its status; a full disk
          is told as one from wherever it comes; anything else is called what it is, a
          fault in Avow, and ends with 70 (EX_SOFTWARE of sysexits.h).
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.core.exceptions import ImproperlyConfigured

from avow.errors import AvowError, DatabaseUnavailable, NoSpace
from avow.host.home import Home
from avow.host.logs import causes

FAULT = 70
FULL = (errno.ENOSPC, errno.EDQUOT)


def guarded(act: Callable[[], object], *, home: Home | None = None) -> int:
    """Run the act and return the exit status; what it refuses is said on stderr."""
    home = home or Home.from_environment()
    try:
        act()
    except Exception as raised:  # noqa: BLE001 - the last border before a person
        expected = as_expected(raised, home)
        if expected is None:
            say(f"This is a fault in Avow, nothing that you did. {described(raised, home)}")
            return FAULT
        say(str(expected))
        return expected.exit_status
    return 0


def say(sentence: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def as_expected(raised: Exception, home: Home) -> AvowError | None:
    """Return the refusal that this exception is, or None when it is a fault."""
    for cause in causes(raised):
        if isinstance(cause, AvowError):
            return cause
        if isinstance(cause, psycopg.errors.DiskFull) or (isinstance(cause, OSError) and cause.errno in FULL):
            return NoSpace(f"No space is left (Avow's home is {home.root}); make room there and start again.")
        if isinstance(cause, psycopg.OperationalError):
            return DatabaseUnavailable("The database does not answer; `avow doctor` says what is wrong.")
        if isinstance(cause, PermissionError) and cause.filename:
            return DatabaseUnavailable(
                f"{cause.filename} may not be read or written by user {os.geteuid()}; see `ls -ld`."
            )
    return None


def text_of_code(cause: BaseException) -> str:
    """Return an exception's text when it can speak of code only; that of others may hold what a person typed."""
    return f": {cause}" if isinstance(cause, ImportError | SyntaxError | ImproperlyConfigured) else ""


def frames_of(cause: BaseException) -> str:
    """Return an exception's type and where it passed through Avow, and where it began."""
    frames = traceback.extract_tb(cause.__traceback__)
    own = [frame for frame in frames if "/avow/" in frame.filename or frame is frames[-1]]
    return f"  {cause.__class__.__module__}.{cause.__class__.__qualname__}{text_of_code(cause)}\n" + "".join(
        f"    {frame.filename}:{frame.lineno} {frame.name}\n" for frame in own
    )


def described(raised: BaseException, home: Home) -> str:
    """Describe a fault in the home's faults.log, or say it here when that cannot be written."""
    text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n" + "".join(map(frames_of, causes(raised)))
    try:
        with os.fdopen(os.open(home.faults, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
            file.write(text)
    except OSError:
        return f"Please report this:\n{text}"
    return f"Please report what {Path(home.faults)} says; it names nobody."
