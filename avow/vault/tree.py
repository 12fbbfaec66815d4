"""
A tree of 256 keys that can lose leaves for good: one seed at the root, each node's seed giving its two children's.

Why a tree: whoever holds the root holds all leaves. To destroy one leaf, drop every
seed on its path and keep the seeds beside the path; they give all other leaves
unchanged and this one no more (Goldreich, Goldwasser, Micali 1986). So a person's
key needs no row of its own, and erasing one touches no neighbour.

    node 1 is the root; the children of node n are 2n and 2n + 1; leaf i is node 256 + i
    a cover: the nodes whose seeds are kept; none lies below another

Holds:    after any punctures in any order each other leaf is what it was, and a
          punctured one is not derivable from the cover. Encoded, a cover takes 34 bytes
          a node: 34 at first, 272 after one puncture, about 3.3 kB at most.
Assumes:  HMAC-SHA256 is a pseudorandom function; the seeds of old covers are gone,
          which is the keyring's affair and not the tree's.
Does not: seal anything. What lies in the database is the cover sealed under an epoch key.
"""

import hmac
from collections.abc import Iterator, Mapping

DEPTH = 8
LEAVES = 1 << DEPTH
SEED = 32  # bytes
ROOT = 1
NUMBER = 2  # bytes of a node's number in the encoding

Cover = Mapping[int, bytes]


def plant(seed: bytes) -> Cover:
    """Return the cover of a whole tree."""
    assert len(seed) == SEED
    return {ROOT: seed}


def child(seed: bytes, side: int) -> bytes:
    """Return the seed of a node's left (0) or right (1) child."""
    return hmac.digest(seed, b"avow/tree/v1/right" if side else b"avow/tree/v1/left", "sha256")


def leaf(cover: Cover, number: int) -> bytes | None:
    """Return the key of this leaf, or None when it was punctured."""
    node = _covering(cover, number)
    if node is None:
        return None
    seed = cover[node]
    for step in reversed(range(DEPTH + 1 - node.bit_length())):
        seed = child(seed, (number >> step) & 1)
    return seed


def leaves(cover: Cover) -> Iterator[tuple[int, bytes]]:
    """Return every leaf that is left, in order, walking each branch once: two HMACs a leaf instead of eight."""
    open_nodes = sorted(cover.items(), key=lambda node: node[0] << (DEPTH + 1 - node[0].bit_length()), reverse=True)
    while open_nodes:
        node, seed = open_nodes.pop()
        if node >= LEAVES:
            yield node - LEAVES, seed
        else:
            open_nodes += [(2 * node + 1, child(seed, 1)), (2 * node, child(seed, 0))]


def puncture(cover: Cover, number: int) -> Cover:
    """Return the cover that has lost this leaf and no other; puncturing twice changes nothing."""
    node = _covering(cover, number)
    if node is None:
        return cover
    left = {kept: seed for kept, seed in cover.items() if kept != node}
    seed = cover[node]
    for step in reversed(range(DEPTH + 1 - node.bit_length())):
        side = (number >> step) & 1
        left[2 * node + 1 - side] = child(seed, 1 - side)
        node, seed = 2 * node + side, child(seed, side)
    return left


def encode(cover: Cover) -> bytes:
    """Return the compact form: two bytes of number and the seed, by number."""
    return b"".join(node.to_bytes(NUMBER, "big") + cover[node] for node in sorted(cover))


def decode(encoded: bytes) -> Cover:
    """Return the cover of this compact form; it was sealed, so anything unexpected is a broken invariant."""
    size = NUMBER + SEED
    assert len(encoded) % size == 0, "a cover is whole nodes"
    parts = [encoded[at : at + size] for at in range(0, len(encoded), size)]
    return {int.from_bytes(part[:NUMBER], "big"): part[NUMBER:] for part in parts}


def _covering(cover: Cover, number: int) -> int | None:
    """Return the node of the cover that lies above this leaf."""
    assert 0 <= number < LEAVES
    node = LEAVES + number
    while node and node not in cover:
        node >>= 1
    return node or None
