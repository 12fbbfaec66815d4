"""The tree against RFC 6962's own definition, written down again naively, and against known vectors."""

import base64
import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from avow.evidence import merkle, verifier
from avow.evidence.sequencing import grow


def naive_root(entries):
    """MTH as the RFC's recursion says it."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\1" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_path(m, entries):
    """PATH as the RFC's recursion says it."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*naive_path(m, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive_root(entries[:k])]


def log_of(count):
    return [n.to_bytes(4, "big") for n in range(count)]


def reader_of(count, step=97):
    """Grow a log in steps with our own tiles and read from them as the tables would be read."""
    leaves = [merkle.leaf_hash(entry) for entry in log_of(count)]
    full = {}

    def read(level, number, width):
        if width == 256:
            return [full[level, number][0][at : at + 32] for at in range(0, 8192, 32)]
        first = number * 256
        return [full[level - 1, n][1] for n in range(first, first + width)] if level else leaves[first : first + width]

    for start in range(0, count, step):
        for level, number, hashes, root in grow(start, leaves[start : start + step], read):
            full[level, number] = (hashes, root)
    return read


# The eight leaves of the test that ships with the reference implementation of RFC 6962, and the roots it expects.
RFC_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
RFC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_known_roots():
    entries = [bytes.fromhex(leaf) for leaf in RFC_LEAVES]
    for count, expected in enumerate(RFC_ROOTS, 1):
        hashes = [merkle.leaf_hash(entry) for entry in entries[:count]]
        assert merkle.root(hashes).hex() == expected == verifier.root_of(hashes).hex()
    assert base64.b64encode(merkle.EMPTY) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@given(st.integers(0, 700))
@settings(deadline=None, max_examples=40)
def test_roots_are_the_rfcs(count):
    entries = log_of(count)
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    assert merkle.root(hashes) == verifier.root_of(hashes) == naive_root(entries)
    assert merkle.peaks_of(count, reader_of(count)).root() == naive_root(entries)


@given(st.integers(1, 900), st.data())
@settings(deadline=None, max_examples=60)
def test_paths_are_the_rfcs_and_prove_only_their_leaf(count, data):
    entries = log_of(count)
    index = data.draw(st.integers(0, count - 1))
    path = merkle.inclusion(index, count, reader_of(count))
    assert path == naive_path(index, entries)
    root, leaf = naive_root(entries), merkle.leaf_hash(entries[index])
    assert verifier.root_by_path(index, count, leaf, path) == root
    other = data.draw(st.integers(0, count - 1).filter(lambda n: n != index) if count > 1 else st.just(0))
    if count > 1:
        try:
            assert verifier.root_by_path(other, count, leaf, path) != root
        except verifier.Refused:
            pass


def test_a_path_at_every_older_size():
    read = reader_of(600)
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 600):
        for index in {0, size // 2, size - 1}:
            assert merkle.inclusion(index, size, read) == naive_path(index, log_of(size))


def test_three_levels_of_tiles():
    count = 256 * 256 + 300
    read = reader_of(count, step=1024)
    hashes = [merkle.leaf_hash(entry) for entry in log_of(count)]
    root = merkle.root(hashes)
    assert merkle.peaks_of(count, read).root() == root
    for index in (0, 65535, 65536, count - 1):
        path = merkle.inclusion(index, count, read)
        assert verifier.root_by_path(index, count, hashes[index], path) == root
