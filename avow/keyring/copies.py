"""
One keyring in several folders, on disks of their own: a disk that dies takes no key with it, and a key dies everywhere.

Why whole copies and no quorum: losing every copy of a living epoch's key loses everybody's data, and one copy of
a destroyed key that survives brings everybody back who was erased. So each folder holds all, and each must answer.

Holds:    `create` returns once every folder holds the same key; `destroy` once every folder has lost it, and raises
          KeyringLost, naming the folder, while one cannot be reached: then the epoch stays condemned.
Assumes:  the folders beside the first were made by the operator; one that is missing is a disk that is not there.
          A copy that held keys and is empty now is a mount point without its disk: nothing counts as destroyed there.
Does not: bring a folder up to date before the next key is made. `behind` names what one lacks.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from avow.errors import KeyringLost
from avow.keyring.file import FileKeyring, sync_folder, write_durably
from avow.keyring.port import Ack

KNOWN = "copies.known"  # in our own folder: one path a line


class CopiedKeyring:
    """The keyring of one machine on several disks; the first folder is the service's own."""

    def __init__(
        self, own: Path, copies: Sequence[Path] = (), *, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self.own = FileKeyring(own, random=random)
        self.copies = tuple(copies)

    def create(self, epoch: int) -> bytes:
        """Make the key in our own folder, then the same in each copy; one that a folder has already is taken up.

        What else a folder lacks it gets as well, so that a disk that came new or was away is whole after a roll.
        """
        self._all_there()
        key = self.load(epoch) if epoch in self.list() else self.own.create(epoch)
        for number in self.list():
            self._everywhere(number, key if number == epoch else self.load(number))
        self._remember()
        return key

    def _everywhere(self, epoch: int, key: bytes) -> None:
        for folder in (self.own.folder, *self.copies):
            keyring = FileKeyring(folder, random=lambda _: key)
            if (keyring.load if epoch in keyring.list() else keyring.create)(epoch) != key:
                raise KeyringLost(
                    f"{folder} holds another key for epoch {epoch}: it belongs to another installation; "
                    "take it out of AVOW_KEYRING_COPIES."
                )

    def _known(self) -> set[str]:
        """Return the copies that once held keys: one of them that is empty is a disk that is not mounted."""
        try:
            return set((self.own.folder / KNOWN).read_text().splitlines())
        except FileNotFoundError:
            return set()

    def _remember(self) -> None:
        known = self._known() | {str(folder) for folder in self.copies}
        if known != self._known():
            fresh = self.own.folder / f".{KNOWN}.{os.getpid()}.tmp"
            fresh.unlink(missing_ok=True)
            write_durably(fresh, "".join(f"{folder}\n" for folder in sorted(known)).encode())
            fresh.rename(self.own.folder / KNOWN)
            sync_folder(self.own.folder)

    def behind(self) -> dict[Path, list[int]]:
        """Return which keys each folder lacks that another has; all of them for a folder that cannot be reached."""
        every = self.list()
        lacking = {
            keyring.folder: sorted(set(every) - set(keyring.list() if keyring.folder.is_dir() else ()))
            for keyring in self._every()
        }
        return {folder: epochs for folder, epochs in lacking.items() if epochs}

    def load(self, epoch: int) -> bytes:
        """Read a key from our own folder, or from the first copy that still has it."""
        try:
            return self.own.load(epoch)
        except KeyringLost:
            for folder in self.copies:
                with suppress(KeyringLost):
                    return FileKeyring(folder).load(epoch)
            raise

    def destroy(self, epoch: int) -> Ack:
        """Destroy a key in every folder; one that cannot be reached stops it before anything is destroyed."""
        self._all_there()
        acks = [keyring.destroy(epoch) for keyring in self._every()]
        return Ack(epoch, "file", was_there=any(ack.was_there for ack in acks))

    def sweep(self) -> None:
        """Remove what a kill left half made, in every folder that is there; while nobody else makes a key."""
        for keyring in self._every():
            keyring.sweep()
        for half in self.own.folder.glob(f".{KNOWN}.*.tmp"):
            half.unlink()

    def _every(self) -> list[FileKeyring]:
        return [self.own, *(FileKeyring(folder) for folder in self.copies)]

    def _all_there(self) -> None:
        for folder in self.copies:
            if not folder.is_dir():
                raise KeyringLost(
                    f"The copy of the keyring at {folder} cannot be reached; mount its disk, or take it out of "
                    "AVOW_KEYRING_COPIES once that disk is destroyed."
                )
            if str(folder) in self._known() and self.own.list() and not FileKeyring(folder).list():
                raise KeyringLost(
                    f"The copy of the keyring at {folder} is empty and held keys before, so its disk is not mounted; "
                    "mount it. If another disk took its place, take its line out of "
                    f"{self.own.folder / KNOWN}."
                )

    def list(self) -> list[int]:
        """Name the epochs that have a key in any folder."""
        return sorted({epoch for keyring in self._every() if keyring.folder.is_dir() for epoch in keyring.list()})
