"""
Make a new PostgreSQL data folder: initdb, once in the life of a home.

Holds:    data checksums on, scram-sha-256 for everyone, no other user may look in;
          made beside its place and moved there whole and settled on disk, so that a
          crash leaves nothing half made.
Assumes:  Linux. initdb wants a user with a name, the server does not: as root,
          initdb runs as nobody and the folder is then given to an id of its own.
"""

import errno
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from avow.errors import DatabaseUnavailable, NoSpace
from avow.host.binaries import Binaries

SERVER_UID = 61777  # unused by Debian's ranges; on later starts the owner of data/ decides
NOBODY = 65534


def environment() -> dict[str, str]:
    """Return our environment without what would steer PostgreSQL from outside."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "AVOW_"))} | {
        "LC_ALL": "C.UTF-8"
    }


def make(
    folder: Path, binaries: Binaries, *, settled: bool = True, random: Callable[[int], str] = secrets.token_urlsafe
) -> None:
    """Run initdb in a fresh folder and move it into place as `data`, with an empty `run` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    password = random(24)
    keep(folder / "pw", password)
    fresh, run = folder / "data.new", folder / "run"
    for empty in (fresh, run):
        shutil.rmtree(empty, ignore_errors=True)
        empty.mkdir(mode=0o700)
    as_root = os.geteuid() == 0
    maker = NOBODY if as_root else os.geteuid()
    os.chown(fresh, maker, maker) if as_root else None
    options = ["-U", "postgres", "-N", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--data-checksums"]
    run_initdb(binaries, fresh, options, password, user=maker)
    if settled:
        run_initdb(binaries, fresh, ["--sync-only"], password, user=maker)
    for path in [fresh, run, *fresh.rglob("*")] if as_root else []:
        os.lchown(path, SERVER_UID, SERVER_UID)
    fresh.rename(folder / "data")


def keep(path: Path, password: str) -> None:
    """Write the password for its owner's eyes only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
        file.flush()
        os.fsync(file.fileno())


def run_initdb(binaries: Binaries, fresh: Path, options: list[str], password: str, *, user: int) -> None:
    """Run initdb on the folder as this user, who need not be able to reach it by its path."""
    read, write = os.pipe()
    os.write(write, password.encode())
    os.close(write)
    os.fchown(read, user, -1) if os.geteuid() == 0 else None
    descriptor = os.open(fresh, os.O_PATH | os.O_DIRECTORY)
    words = [str(binaries.folder / "initdb"), "-D", f"/proc/self/fd/{descriptor}", *options]
    words += [] if "--sync-only" in options else [f"--pwfile=/dev/fd/{read}"]
    ids: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        done = subprocess.run(  # noqa: S603 - a found program, options of our own
            words,
            capture_output=True,
            text=True,
            pass_fds=[descriptor, read],
            cwd="/",
            check=False,
            env=environment(),
            **ids,
        )
    finally:
        os.close(descriptor)
        os.close(read)
    if done.returncode:
        raise explained(done.stderr, fresh)


def explained(said: str, fresh: Path) -> DatabaseUnavailable | NoSpace:
    """Turn initdb's words into what to do."""
    if os.strerror(errno.ENOSPC) in said:
        shutil.rmtree(fresh, ignore_errors=True)
        return NoSpace(
            f"No space is left below {fresh.parent.parent} for a database (about 60 MB); make room and start again."
        )
    if "could not look up effective user" in said:
        return DatabaseUnavailable(
            f"User id {os.geteuid()} has no name on this machine, and PostgreSQL's initdb wants one: "
            "add a line for it to /etc/passwd, start as another user, or set AVOW_DSN."
        )
    last = next((line for line in reversed(said.splitlines()) if "error" in line), "no reason given")
    return DatabaseUnavailable(f"A new database could not be made: {last.strip()}.")
