"""
A tree of 256 keys that can lose leaves for good: one seed at the root, each node's seed giving its two children's.

Why a tree: whoever holds the root holds all leaves. To destroy one leaf, drop every
seed on its path and keep the seeds beside the path; they give all other leaves
unchanged and this one no more (Goldreich, Goldwasser, Micali 1986). So a person's
key needs no row of its own, and erasing one touches no neighbour.

Why one hash for both children: the tree needs a generator that makes two seeds of one, such that the one tells
nothing of the other. BLAKE2b keyed with the seed is a pseudorandom function by design (RFC 7693), so its 64 bytes on a
fixed input cannot be told from 64 random ones, and two halves of random bytes are two independent seeds. It costs a
third of two HMACs.

    children of a seed = the halves of BLAKE2b-512(key = seed, person = "avow/tree/v2", no input)
    node 1 is the root; the children of node n are 2n and 2n + 1; leaf i is node 256 + i
    a cover: the nodes whose seeds are kept; none lies below another

Holds:    after any punctures in any order each other leaf is what it was, and a
          punctured one is not derivable from the cover. Encoded, a cover takes 34 bytes
          a node: 34 at first, 272 after one puncture, about 3.3 kB at most.
Assumes:  keyed BLAKE2b is a pseudorandom function; the seeds of old covers are gone,
          which is the keyring's affair and not the tree's.
Does not: seal anything. What lies in the database is the cover sealed under an epoch key.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

DEPTH = 8
LEAVES = 1 << DEPTH
SEED = 32  # bytes
ROOT = 1
NUMBER = 2  # bytes of a node's number in the encoding
NAMED = b"avow/tree/v2"  # so that no other use of a seed, by mistake, gives a node of the tree

Cover = Mapping[int, bytes]


def plant(seed: bytes) -> Cover:
    """Return the cover of a whole tree."""
    assert len(seed) == SEED
    return {ROOT: seed}


def children(seed: bytes) -> tuple[bytes, bytes]:
    """Return the seeds of a node's left and right child."""
    both = blake2b(key=seed, digest_size=2 * SEED, person=NAMED).digest()
    return both[:SEED], both[SEED:]


def child(seed: bytes, side: int) -> bytes:
    """Return the seed of a node's left (0) or right (1) child."""
    return children(seed)[side]


def leaf(cover: Cover, number: int) -> bytes | None:
    """Return the key of this leaf, or None when it was punctured."""
    node = _covering(cover, number)
    if node is None:
        return None
    seed = cover[node]
    for step in reversed(range(DEPTH + 1 - node.bit_length())):
        seed = child(seed, (number >> step) & 1)
    return seed


def has(cover: Cover, number: int) -> bool:
    """Say whether this leaf can be derived."""
    return _covering(cover, number) is not None


def leaves(cover: Cover, wanted: Iterable[int] = range(LEAVES)) -> Iterator[tuple[int, bytes]]:
    """Return those of the wanted leaves that are left; a branch that leads to several of them is walked once."""
    seeds = dict(cover)
    for number in wanted:
        node = LEAVES + number
        if node not in seeds and not _reach(seeds, node):
            continue
        yield number, seeds[node]


def _reach(seeds: dict[int, bytes], node: int) -> bool:
    """Derive the seeds down to this node and beside the way there; False when none lies above it."""
    above = _nearest(seeds, node)
    if not above:
        return False
    for step in reversed(range(node.bit_length() - above.bit_length())):
        seeds[2 * above], seeds[2 * above + 1] = children(seeds[above])
        above = node >> step
    return True


def puncture(cover: Cover, number: int) -> Cover:
    """Return the cover that has lost this leaf and no other; puncturing twice changes nothing."""
    node = _covering(cover, number)
    if node is None:
        return cover
    left = {kept: seed for kept, seed in cover.items() if kept != node}
    seed = cover[node]
    for step in reversed(range(DEPTH + 1 - node.bit_length())):
        side = (number >> step) & 1
        both = children(seed)
        left[2 * node + 1 - side] = both[1 - side]
        node, seed = 2 * node + side, both[side]
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
    return _nearest(cover, LEAVES + number) or None


def _nearest(seeds: Cover, node: int) -> int:
    """Return the nearest node above this one, or itself, that has a seed; 0 when none has."""
    while node and node not in seeds:
        node >>= 1
    return node
