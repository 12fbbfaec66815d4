"""
Epoch keys as files, one file for each epoch, so that destroying one touches nothing that must live.

    keys/epoch-000001.key   0600   32 bytes of key, 8 bytes of checksum

Why files: the smallest store that can be overwritten and removed on its own, and
whose absence anybody can see.

Holds:    a key is whole or absent (temporary file, fsync, link, fsync of the folder);
          two processes that race get the same key; a file that others may read, or
          whose checksum is wrong, is refused and never replaced.
Assumes:  the folder is on no backup and in no snapshot.
Does not: promise anything about flash, copy-on-write file systems or snapshots of a
          virtual machine: there an overwritten block may survive, and `avow doctor` says so.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from avow.errors import KeyringLost
from avow.keyring.port import Ack

SIZE = 32  # bytes of key
CHECKSUM = 8  # bytes; tells a torn or foreign file from a key, and hides nothing
NAME = re.compile(r"^epoch-(\d{6,})\.key$")


class FileKeyring:
    """The keyring of one machine: a folder."""

    def __init__(self, folder: Path, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.folder = folder
        self._random = random

    def create(self, epoch: int) -> bytes:
        """Write a fresh key, or return the one that another process was faster to write."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = self._random(SIZE)
        fresh = self.folder / f".epoch-{epoch:06d}.{os.getpid()}.{secrets.token_hex(4)}.tmp"
        write_durably(fresh, key + _checksum(epoch, key))
        try:
            os.link(
                fresh, self._path(epoch)
            )  # killed before: a .tmp that sealed nothing; after: a second name of one file
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        sync_folder(self.folder)
        return self.load(epoch)

    def load(self, epoch: int) -> bytes:
        """Read a key; a missing, damaged or widely readable file is refused with its remedy."""
        path = self._path(epoch)
        try:
            content = read_closed(path)
        except FileNotFoundError:
            raise KeyringLost(
                f"The keyring has no key for epoch {epoch}; put {path.name} back into {self.folder} from a copy."
            ) from None
        key, checksum = content[:SIZE], content[SIZE:]
        if checksum != _checksum(epoch, key):
            raise KeyringLost(
                f"{path} is damaged or not the key of epoch {epoch}; put back the file that was made for it."
            )
        return key

    def destroy(self, epoch: int) -> Ack:
        """Overwrite, unlink and make that durable; a second call finds nothing and says so."""
        path = self._path(epoch)
        try:
            wipe(path)
        except FileNotFoundError:
            return Ack(epoch, "file", was_there=False)
        sync_folder(self.folder)
        return Ack(epoch, "file", was_there=True)

    def sweep(self) -> None:
        """Remove what a killed `create` left; not overwritten, since it may be a living key's second name."""
        for left in self.folder.glob(".epoch-*.tmp"):
            left.unlink(missing_ok=True)

    def list(self) -> list[int]:
        """Name the epochs that have a file here."""
        if not self.folder.exists():
            return []
        return sorted(int(match[1]) for path in self.folder.iterdir() if (match := NAME.match(path.name)))

    def _path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:06d}.key"


def _checksum(epoch: int, key: bytes) -> bytes:
    """Bind the key to its epoch, so that a renamed file is noticed."""
    return hashlib.sha256(b"avow/epoch/v1" + epoch.to_bytes(8, "big") + key).digest()[:CHECKSUM]


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, and return when it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a file holds, made when there is none; those who race all get what it says."""
    try:
        return read_closed(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.parent / f".{path.stem}.{os.getpid()}.{secrets.token_hex(8)}.tmp"
    write_durably(fresh, make())
    try:
        os.link(fresh, path)  # fails when another was first: then theirs is the one
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    sync_folder(path.parent)
    return read_closed(path)


def read_closed(path: Path) -> bytes:
    """Read a file that holds a key, and refuse one that others than its owner may read."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise KeyringLost(f"Others than its owner may read {path}; run chmod 600 on it, and ask who has read it.")
        return file.read()


def wipe(path: Path) -> None:
    """Overwrite a file in place, then remove it; a crash between leaves a file that holds no key and is refused."""
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def sync_folder(folder: Path) -> None:
    """Make names durable: without this a crash could bring a removed file back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
