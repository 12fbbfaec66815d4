"""
What every keyring can do, wherever its keys rest: four methods and no more.

Why so few: a key that cannot be destroyed is no epoch key, so a backend that
cannot destroy (an environment variable, a read-only secret store) does not fit
here; it may only wrap the files of one that can.

Holds:    `create` twice gives the same key, so that two processes that start together
          agree; `destroy` twice is the same as once; `load` never makes a key.
Assumes:  the keyring is on no backup: whoever holds an old cover and its epoch key
          opens everybody in that bucket (docs/threats.md).
Does not: know buckets, persons or databases.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Ack:
    """A backend's word that it destroyed an epoch's key; `was_there` is False when nothing was left to destroy."""

    epoch: int
    backend: str
    was_there: bool


class Keyring(Protocol):
    """Where epoch keys rest: 32 bytes for each epoch."""

    def create(self, epoch: int) -> bytes:
        """Make the key of this epoch durable and return it; when there is one already, return that."""
        ...

    def load(self, epoch: int) -> bytes:
        """Return the key of this epoch, or raise KeyringLost."""
        ...

    def destroy(self, epoch: int) -> Ack:
        """Make the key of this epoch unreadable for good."""
        ...

    def list(self) -> list[int]:
        """Name the epochs that have a key, oldest first."""
        ...
