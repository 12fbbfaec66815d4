"""
Other people's programs judge our log: what they accept, and what they refuse.

pymerkle computes the tree from the entries; sigstore checks the signed note and each receipt's path. Neither shares a
line with us. A forgery that is consistent below the checkpoint deceived a verifier in wide use (Go's x/mod before
0.40.0 skipped the first tiles; CVE-2026-56865); our audit reads every entry, so it must not deceive ours.
"""

import json
import subprocess
from pathlib import Path

import pytest

from avow.evidence import merkle, tiles, verifier
from avow.evidence.receipts import receipt
from tests.evidence.conftest import key, log  # noqa: F401 - fixtures

REPOSITORY = Path(__file__).resolve().parent.parent.parent
JUDGES = REPOSITORY / ".venv-judges/bin/python"
judged = pytest.mark.skipif(not JUDGES.exists(), reason="the judges are not installed: scripts/side-venv judges")


def judge(folder, vkey, receipts=()):
    asked = json.dumps({"folder": str(folder), "vkey": vkey, "receipts": list(receipts)})
    program = Path(__file__).with_name("judge_log.py")
    done = subprocess.run([JUDGES, program], input=asked, capture_output=True, text=True, check=True, timeout=180)
    return json.loads(done.stdout)


@pytest.fixture
def folder(log, tmp_path):  # noqa: F811
    """A log of 600 entries in three commits, written out as any web server could serve it."""
    ids = []
    for count in (1, 300, 299):
        ids += log.write(count)
        log.sequence()
    tiles.write(tmp_path)
    found = [receipt(ids[n]) for n in (0, 1, 255, 256, 300, 301, 511, 512, 599)]
    (tmp_path / "receipts.json").write_text(json.dumps([{"entry": r.entry.decode(), "text": r.text} for r in found]))
    return tmp_path


@judged
def test_others_accept_the_log_and_its_receipts(folder, key):  # noqa: F811
    receipts = json.loads((folder / "receipts.json").read_text())
    assert judge(folder, key.vkey, receipts) == {"size": 600}


@judged
@pytest.mark.parametrize("change", ["entry", "receipt", "size", "key"])
def test_others_refuse_what_was_changed(folder, key, change):  # noqa: F811
    receipts = json.loads((folder / "receipts.json").read_text())
    vkey = key.vkey
    if change == "entry":
        forge(folder, 259)
    if change == "receipt":
        receipts[2]["entry"] = receipts[3]["entry"]
    if change == "size":
        checkpoint = folder / "checkpoint"
        checkpoint.write_text(checkpoint.read_text().replace("\n600\n", "\n601\n"))
    if change == "key":
        vkey = type(key)(key.origin, bytes(32)).vkey
    assert "refused" in judge(folder, vkey, receipts)


def forge(folder, index):
    """Change an entry, its leaf hash and the tiles above it consistently; leave the checkpoint as it was signed."""
    bundle = folder / "tile/entries" / f"{index // 256:03}"
    honest = bundle.read_bytes()
    forged = honest.replace(b"person.signed-in", b"person.signed-up", 1 + index % 256)
    forged = forged.replace(b"person.signed-up", b"person.signed-in", index % 256)
    assert forged != honest and len(forged) == len(honest)
    bundle.write_bytes(forged)
    hashes = []
    while forged:
        size = int.from_bytes(forged[:2], "big")
        hashes.append(merkle.leaf_hash(forged[2 : 2 + size]))
        forged = forged[2 + size :]
    (folder / "tile/0" / f"{index // 256:03}").write_bytes(b"".join(hashes))
    above = folder / "tile/1/000.p/2"
    tile = bytearray(above.read_bytes())
    tile[32 * (index // 256) : 32 * (index // 256) + 32] = merkle.root(hashes)
    above.write_bytes(tile)


def test_a_consistent_forgery_is_caught_by_our_audit(folder, key):  # noqa: F811
    """It bites: an audit that stops at the tiles' own agreement accepts this log."""
    read = verifier.source(str(folder), None)
    assert verifier.audit(read, key.vkey)["size"] == 600
    forge(folder, 259)
    tile = (folder / "tile/0/001").read_bytes()
    hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert [merkle.leaf_hash(entry) for entry in list(verifier.entries_of(read, 600))[256:512]] == hashes  # consistent
    assert (folder / "tile/1/000.p/2").read_bytes()[32:] == merkle.root(hashes)
    with pytest.raises(verifier.Refused, match="not the ones that the log signed"):
        verifier.audit(read, key.vkey)
