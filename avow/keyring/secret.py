"""
Named secrets of an installation: one file each, made at first use.

Why files of their own: the pepper of the blind index, the log's signing key and
Django's secret must never share a file with an epoch key, since destroying an
epoch must touch nothing that has to live.

Holds:    32 random bytes, 0600, written whole (temporary file, fsync, rename); two
          processes that race get the same secret.
Assumes:  the folder is on no backup that is kept longer than key backups are.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

SIZE = 32  # bytes


def named_secret(folder: Path, name: str, *, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Return the secret of this name, making it when there is none."""
    path = folder / f"{name}.secret"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{name}.{os.getpid()}.tmp"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(random(SIZE))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails when another process was first: then theirs is the secret
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
