"""
The Merkle tree of RFC 6962, as pure functions on 32-byte hashes.

Why a tree and not a chain: a person's receipt then proves one entry among millions
with some twenty hashes, and the tree costs at most twice what a chain would
(docs/explanation/the-log.md has the figures).

Holds:    the same roots and proofs as RFC 6962; test vectors of others are in tests/conformance.
          A tile is eight levels of the tree at once: 256 hashes and the one above them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

SIZE = 32  # bytes of a hash
WIDTH = 256  # hashes in a full tile
HEIGHT = 8  # levels that a tile spans
EMPTY = hashlib.sha256(b"").digest()  # the root of a log without entries

ReadTile = Callable[[int, int, int], Sequence[bytes]]  # (level, number, width) -> its first `width` hashes


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry; the prefix keeps it from ever being taken for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Peaks:
    """The roots of the complete subtrees that a log of this size is made of, from left to right."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        """Take one more leaf, joining subtrees of the same height."""
        count, node = self.size, leaf
        while count & 1:
            node = node_hash(self.hashes.pop(), node)
            count >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the whole."""
        if not self.hashes:
            return EMPTY
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    peaks = Peaks()
    for leaf in leaves:
        peaks.add(leaf)
    return peaks.root()


def split(size: int) -> int:
    """Return where RFC 6962 divides a tree: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def edge(size: int) -> Iterator[tuple[int, int, int]]:
    """Name the partial tiles at the right edge of a tree, highest first: (level, number, width)."""
    for level in reversed(range((size.bit_length() + HEIGHT - 1) // HEIGHT)):
        count = size >> (HEIGHT * level)
        if width := count % WIDTH:
            yield level, count // WIDTH, width


def peaks_of(size: int, read: ReadTile) -> Peaks:
    """Return the peaks of a tree of this size from the tiles at its edge."""
    peaks = Peaks(size)
    for level, number, width in edge(size):
        hashes, start = read(level, number, width), 0
        for bit in reversed(range(HEIGHT)):
            if width & (1 << bit):
                peaks.hashes.append(root(hashes[start : start + (1 << bit)]))
                start += 1 << bit
    return peaks


def inclusion(index: int, size: int, read: ReadTile) -> list[bytes]:
    """Return the hashes from the leaf's sibling up to the root's child."""
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, size, read))
            high = middle
        else:
            path.append(_range_root(low, middle, size, read))
            low = middle
    return path[::-1]


def _range_root(low: int, high: int, size: int, read: ReadTile) -> bytes:
    """Return the root over the leaves from low up to high; complete subtrees come from one tile each."""
    count = high - low
    if count & (count - 1) == 0:
        level = (count.bit_length() - 1) // HEIGHT
        first = low >> (HEIGHT * level)
        wide = min(WIDTH, (size >> (HEIGHT * level)) - first // WIDTH * WIDTH)
        hashes = read(level, first // WIDTH, wide)
        start = first % WIDTH
        return root(hashes[start : start + (count >> (HEIGHT * level))])
    middle = low + split(count)
    return node_hash(_range_root(low, middle, size, read), _range_root(middle, high, size, read))
