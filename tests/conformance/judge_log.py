"""
Judge a log with other people's programs: pymerkle for the tree, sigstore for signature and proofs.

Runs in .venv-judges (scripts/side-venv judges), reads a folder as any log server would serve it, and prints what each
judge says as JSON. Imports nothing of Avow.
"""

import base64
import json
import sys
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle import InmemoryTree
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import LogCheckpoint, SignedNote
from sigstore._internal.trust import Keyring
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails


def keyring(vkey):
    raw = base64.b64decode(vkey.split("+", 2)[2])[1:]
    der = Ed25519PublicKey.from_public_bytes(raw).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    public = PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)
    return Keyring([public])


def entries(folder):
    for bundle in sorted((folder / "tile/entries").rglob("*")):
        raw = bundle.read_bytes() if bundle.is_file() else b""
        while raw:
            size = int.from_bytes(raw[:2], "big")
            yield raw[2 : 2 + size]
            raw = raw[2 + size :]


def signed(note, vkey):
    """sigstore: is the note signed by this key, and what does it say?"""
    parsed = SignedNote.from_text(note)
    parsed.verify(keyring(vkey), bytes.fromhex(vkey.split("+")[1]))
    return LogCheckpoint.from_text(parsed.note)


def judge(folder, vkey, receipts):
    said = signed((folder / "checkpoint").read_text(), vkey)
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries(folder):
        tree.append_entry(entry)
    assert tree.get_size() == said.log_size, "pymerkle counts another number of entries"
    assert tree.get_root().hex() == said.log_hash, "pymerkle computes another root"
    for receipt in receipts:
        head, note = receipt["text"].split("\n\n", 1)
        _, index, *path = head.split("\n")
        covered = signed(note, vkey)
        proof = SimpleNamespace(
            log_index=int(index.removeprefix("index ")),
            tree_size=covered.log_size,
            hashes=[base64.b64decode(line) for line in path],
            root_hash=bytes.fromhex(covered.log_hash),
        )
        inner = SimpleNamespace(inclusion_proof=proof, canonicalized_body=receipt["entry"].encode())
        verify_merkle_inclusion(SimpleNamespace(_inner=inner))
        assert tree.get_root(covered.log_size).hex() == covered.log_hash, "pymerkle computes another older root"
    return said.log_size


if __name__ == "__main__":
    given = json.load(sys.stdin)
    try:
        print(json.dumps({"size": judge(Path(given["folder"]), given["vkey"], given["receipts"])}))
    except Exception as refused:
        print(json.dumps({"refused": f"{type(refused).__name__}: {refused}"}))
