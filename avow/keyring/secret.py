"""
Named secrets of an installation: one file each, made at first use and never again.

    keys/pepper.secret    0600   32 random bytes
    keys.known            beside the folder: which secrets were ever made here, each as a commitment

Why files of their own: the pepper of the blind index, the log's signing key and
Django's secret must never share a file with an epoch key, since destroying an
epoch must touch nothing that has to live.

Why a list beside the folder: a secret that is lost must not be made anew in silence. A new pepper would find
nobody's address, and a new key would sign another log; both look like a service that runs.

Holds:    32 random bytes, 0600, whole or absent (temporary file of its own, fsync, link,
          fsync of the folder). What is returned is what the file says, so processes and
          threads that race get the same secret; a file of another length, one that others may
          read, one that is not the one that was made here, and a lost one are refused.
Assumes:  the folder is on no backup that is kept longer than key backups are.
Does not: notice that the folder and the list beside it are lost together; the database does (`vault.fitting`).
"""

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from avow.errors import KeyringLost
from avow.keyring.file import made_once, sync_folder

SIZE = 32  # bytes


def named_secret(folder: Path, name: str, *, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """Return the secret of this name, making it when there never was one."""
    path = folder / f"{name}.secret"
    known = _known(folder, name)
    if known and not path.exists():
        raise KeyringLost(f"{path} is lost, and a new one would not fit; put it back from your copy of {folder}.")
    content = made_once(path, lambda: random(SIZE))
    if len(content) != SIZE:
        raise KeyringLost(f"{path} is damaged: it has {len(content)} bytes and not {SIZE}; put it back from a copy.")
    committed = _commitment(name, content)
    if known and known != committed:
        raise KeyringLost(
            f"{path} is not the one that was made here: it comes from another installation or is damaged; put back the "
            f"right one from your copy of {folder}."
        )
    if not known:
        _note(folder, name, committed)
    return content


def list_of(folder: Path) -> Path:
    """Return the file that says which secrets were ever made for this folder."""
    return folder.with_name(f"{folder.name}.known")


def _known(folder: Path, name: str) -> str:
    """Return what is written down of a secret, or nothing; the first line counts, and all lines of one name agree."""
    try:
        lines = list_of(folder).read_text().splitlines()
    except FileNotFoundError:
        return ""
    return next((rest for called, _, rest in (line.partition(" ") for line in lines) if called == name), "")


def _note(folder: Path, name: str, committed: str) -> None:
    """Add a line; a crash before it leaves a secret that the next use writes down."""
    path = list_of(folder)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(
            descriptor, f"{name} {committed}\n".encode()
        )  # one short write: lines of processes that race stay whole
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _commitment(name: str, secret: bytes) -> str:
    return hmac.digest(secret, f"avow/secret/v1 {name}".encode(), "sha256").hex()
