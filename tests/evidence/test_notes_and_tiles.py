"""Keys, notes and the files of the log, as other people's programs expect them."""

import base64
import hashlib

import pytest

from avow.errors import NotFound
from avow.evidence import merkle, tiles
from avow.evidence.notes import SigningKey, log_key, publish

# The example of the documentation of golang.org/x/mod/sumdb/note. Ed25519 signs one way only, so we must get the same.
PETERS_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETERS_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_other_peoples_program_is_the_one_we_sign():
    key = SigningKey("PeterNeumann", base64.b64decode(PETERS_SECRET)[1:])
    assert key.vkey == PETERS_VKEY
    assert key.sign(PETERS_NOTE.split("\n\n", maxsplit=1)[0] + "\n") == PETERS_NOTE


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a\nb", "a\u00a0b", "a\x00"])
def test_an_origin_that_no_note_can_carry_is_refused(origin):
    with pytest.raises(ValueError, match="origin"):
        SigningKey(origin, bytes(32))


def test_the_logs_key_is_made_once_and_published(tmp_path):
    key = log_key(tmp_path, "log.example/avow")
    assert log_key(tmp_path, "log.example/avow").vkey == key.vkey
    publish(key, tmp_path / "log.vkey")
    before = (tmp_path / "log.vkey").stat().st_mtime_ns
    publish(key, tmp_path / "log.vkey")
    assert (tmp_path / "log.vkey").stat().st_mtime_ns == before
    assert (tmp_path / "log.vkey").read_text() == key.vkey + "\n"
    assert key.secret.hex() not in repr(key) and "secret" not in repr(key)


@pytest.mark.parametrize(("number", "path"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")])
def test_tiles_are_named_as_the_specification_does(number, path):
    assert tiles.name(number) == path


def test_the_example_of_the_specification():
    """A log of 70 000: 273 full tiles and one of 112, one full tile above and one of 17, and one of 1."""
    paths = tiles.paths(70_000)
    for level, full, partial in (("entries", 273, 112), ("0", 273, 112), ("1", 1, 17), ("2", 0, 1)):
        of_level = [path for path in paths if path.startswith(f"tile/{level}/")]
        assert len(of_level) == full + 1
        assert of_level[-1].endswith(f".p/{partial}")
    assert not [path for path in paths if path.startswith("tile/3/")]


def test_what_is_served_is_the_log(log):
    with pytest.raises(NotFound):
        tiles.serve("checkpoint")
    log.write(600)
    log.sequence()
    assert tiles.serve("checkpoint").startswith(b"log.example/avow\n600\n")
    for path in tiles.paths(600)[1:]:
        assert tiles.serve(path)
    bundle, entries = tiles.serve("tile/entries/001"), []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    assert tiles.serve("tile/0/001") == b"".join(hashes)
    assert tiles.serve("tile/1/000.p/2")[32:] == merkle.root(hashes)
    assert tiles.serve("tile/0/001.p/7") == b"".join(hashes[:7])
    assert hashlib.sha256(b"\0" + entries[0]).digest() == hashes[0]


ABSENT = [
    "", "key", "tile/0/002", "tile/0/002.p/89", "tile/0/002.p/256", "tile/0/002.p/0", "tile/0/002.p/088", "tile/1/000",
    "tile/1/000.p/3", "tile/64/000", "tile/00/000", "tile/0/2", "tile/0/x000/002", "tile/entries/003", "tile/63/000.p/1",
    "tile/0/../../etc", "tile/0/999", "tile/entries/002.p/89", "checkpoint/", "tile/-1/000", "tile/0/\u0660\u0660\u0660",
]  # fmt: skip


def test_what_the_log_does_not_have_is_not_found(log):
    log.write(600)
    log.sequence()
    for path in ABSENT:
        with pytest.raises(NotFound):
            tiles.serve(path)
