"""
Named secrets of an installation: one file each, made at first use.

Why files of their own: the pepper of the blind index, the log's signing key and
Django's secret must never share a file with an epoch key, since destroying an
epoch must touch nothing that has to live.

Holds:    32 random bytes, 0600, whole or absent (temporary file of its own, fsync, link,
          fsync of the folder). What is returned is what the file says, so processes and
          threads that race get the same secret; a file of another length is refused.
Assumes:  the folder is on no backup that is kept longer than key backups are.
"""

import secrets
from collections.abc import Callable
from pathlib import Path

from avow.errors import KeyringLost
from avow.keyring.file import made_once

SIZE = 32  # bytes


def named_secret(folder: Path, name: str, *, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Return the secret of this name, making it when there is none."""
    path = folder / f"{name}.secret"
    content = made_once(path, lambda: random(SIZE))
    if len(content) != SIZE:
        raise KeyringLost(f"{path} is damaged: it has {len(content)} bytes and not {SIZE}; put it back from a copy.")
    return content
