"""
The folder AVOW_HOME/mail/in: each `*.eml` in it is a mail that came.

Why a folder: every mail program and server can write a file, so the mailbox works before anybody sets up IMAP.

Holds:    a file goes only after its mail is committed; killed between, the next look recognises it. Nothing but
          regular files of our own folder is read: a link leads nowhere. A file still being written waits a second.
          A mail that came is never left lying in clear, not even one that could not be read.
"""

import os
import stat
from datetime import datetime
from pathlib import Path

from django.conf import settings

from avow.communications import mailbox, parsing
from avow.errors import BadInput

SETTLED = 1.0  # seconds since a file was last written


def folder() -> Path:
    """Return the folder, made and closed to others."""
    path = settings.HOME.root / "mail" / "in"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.chmod(0o700)
    return Path(path)


def collect(now: datetime) -> int:
    """Take every mail from the folder; return how many."""
    taken = 0
    for path in sorted(folder().glob("*.eml")):
        if mailbox.is_full(now):
            break
        if _is_settled(path, now):
            take(path, now=now)
            taken += 1
    return taken


def take(path: Path, *, now: datetime) -> None:
    """Write one file's mail down, then remove the file."""
    mailbox.leave(read(path), now=now)
    path.unlink(missing_ok=True)


def read(path: Path) -> bytes:
    """Read a file as far as a mail may reach and one byte more, so that a larger one is known as such."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as refused:
        raise BadInput(f"The file cannot be read ({refused.strerror}); name a mail saved as .eml.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadInput("That is no file; name a mail saved as .eml.")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(parsing.MOST + 1)


def _is_settled(path: Path, now: datetime) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and now.timestamp() - status.st_mtime >= SETTLED
