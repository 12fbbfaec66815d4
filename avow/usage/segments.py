"""
A segment: frames in a row, each sealed under a key that this one segment has and that soon is destroyed.

    keys/segments/NAME.key   32 random bytes, durable before the segment is made
    spool/NAME.open          magic and name, then frames: length (4), number (4), sealed
    spool/NAME.closed        nothing more is appended

Why random names, never counted: a number that comes again lets a recovery destroy the new segment of that number
for the old one, and with it what was acknowledged (seen in a trial: 9 850 events).

Holds:    a frame opens only in its segment and at its place. What follows a torn frame is cut; an acknowledged
          frame comes before it, since a segment whose write failed is never appended to again.
Assumes:  one writer a segment, holding the spool's lock shared while it appends.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from avow.errors import DoesNotOpen
from avow.keyring.file import sync_folder, write_durably
from avow.usage.places import Place
from avow.vault import crypto

MAGIC = b"avow-seg"
HEAD = len(MAGIC) + 16
SIZES = 8  # bytes before a frame: its length and its number
LARGEST = 4 * 1024 * 1024  # bytes of one frame; a length beyond it is a torn one


@dataclass
class Segment:
    """An open segment, as its writer holds it."""

    path: Path
    file: BinaryIO
    key: bytes
    head: bytes
    frames: int = 0

    def append(self, plain: bytes) -> None:
        """Seal one frame and write it; `sync` makes it durable."""
        sealed = crypto.seal(self.key, plain, _place(self.head, self.frames), random=_nonce(self.frames))
        self.file.write(len(sealed).to_bytes(4, "big") + self.frames.to_bytes(4, "big") + sealed)
        self.frames += 1

    def sync(self) -> None:
        """Return when everything that was appended is on the disk."""
        self.file.flush()
        os.fdatasync(self.file.fileno())

    @property
    def is_open(self) -> bool:
        """Whether nobody closed it meanwhile."""
        return self.path.exists()


def begin(place: Place) -> Segment:
    """Make a segment under a name and a key that never were before."""
    name = secrets.token_bytes(16)
    key = secrets.token_bytes(crypto.KEY)
    head = MAGIC + name
    write_durably(_key_path(place, name.hex()), key)
    sync_folder(place.keys)
    path = place.spool / f"{name.hex()}.open"
    write_durably(path, head)
    sync_folder(place.spool)
    return Segment(path, path.open("ab"), key, head)


def close(path: Path) -> Path:
    """Let nothing more be appended; the caller holds the spool's lock alone."""
    return path.rename(path.with_suffix(".closed"))


def frames(place: Place, path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each whole frame with its number, up to the first torn one."""
    key, content = key_of(place, path.stem), path.read_bytes()
    head, at, number = content[:HEAD], HEAD, 0
    while key and (length := int.from_bytes(content[at : at + 4], "big")) <= LARGEST:
        told, sealed = content[at + 4 : at + SIZES], content[at + SIZES : at + SIZES + length]
        if not length or len(sealed) != length or told != number.to_bytes(4, "big"):
            return
        try:
            yield number, crypto.unseal(key, sealed, _place(head, number))
        except DoesNotOpen:
            return
        at, number = at + SIZES + length, number + 1


def key_of(place: Place, name: str) -> bytes:
    """Return a segment's key, or nothing when it was destroyed."""
    try:
        return _key_path(place, name).read_bytes()
    except FileNotFoundError:
        return b""


def destroy(place: Place, names: list[str]) -> None:
    """Destroy the keys, and only then remove the segments; repeat it after any crash."""
    for name in names:
        if (path := _key_path(place, name)).exists():
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(crypto.KEY))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
    sync_folder(place.keys)
    for name in names:
        (place.spool / f"{name}.closed").unlink(missing_ok=True)
    sync_folder(place.spool)


def _key_path(place: Place, name: str) -> Path:
    return place.keys / f"{name}.key"


def _place(head: bytes, number: int) -> bytes:
    return crypto.bind("avow.segment/1", head, number.to_bytes(4, "big"))


def _nonce(number: int) -> crypto.Random:
    """Return a frame's nonce: its number, which under its segment's key never comes twice."""
    return lambda size: number.to_bytes(size, "big")
