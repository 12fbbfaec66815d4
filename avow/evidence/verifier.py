"""
Check what a person carried away from Avow: certificate, export, receipt, or a whole log.

    python verifier.py FILE --log-key KEY [--entry FILE]
    python verifier.py --audit FOLDER_URL_OR_ENTRIES --log-key KEY [--checkpoint FILE]

Why one file that imports nothing of Avow: you should not have to trust, install or find
the company's software to check what it told you. This needs Python 3.11 and the package
`cryptography`, and reads in one sitting. KEY is the log's public key (name+id+base64) or a file that
holds it. Take it from somewhere the company cannot change; never from the file you check.

Holds:    everything read is written again and compared, so a statement with any byte changed is refused,
          and so is another log's. An audit computes the root from every entry and trusts no stored hash.
Does not: show that the log tells everyone the same story: compare its checkpoint with one kept elsewhere.
Exit:     0 verified, 1 refused, 2 the question cannot be asked (no file, no key).
"""

import argparse
import base64
import hashlib
import hmac
import io
import json
import struct
import sys
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

STATEMENT, PROOF, ZIP = "avow.statement/1", "c2sp.org/tlog-proof@v1", b"PK\x03\x04"
MANIFEST, SALT, DIGEST = "MANIFEST", "SALT", "hmac-sha256"
LAYOUT = "avow.pack/1"
ACTS = {"erasure-certificate": "certificate.issued", "export": "export.made", "receipt": "receipt.issued"}
WIDTH, HASH, NONCE, KEY_ID, SIGNATURE = 256, 32, 16, 4, 64
LONGEST_PATH = 64
MOST_UNPACKED = 1 << 32


class Refused(Exception):
    """What was given is not what this log recorded."""


class Unreadable(Exception):
    """The question cannot be asked: no file, no key, no entry."""


class Key(NamedTuple):
    """The log's public key and the name it signs under."""

    name: str
    key_id: bytes
    public: Ed25519PublicKey


@dataclass(frozen=True)
class Proof:
    """What a tlog-proof says, after its signature and its path were checked."""

    index: int
    size: int
    root: bytes


def read_key(vkey: str) -> Key:
    """Read a public key as `name+id+base64`."""
    try:
        name, key_id, encoded = vkey.strip().split("+", 2)
        raw = unbase64(encoded)
        public = Ed25519PublicKey.from_public_bytes(raw[1:])
        expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:KEY_ID]
    except (ValueError, Refused) as wrong:
        raise Unreadable("The log's key is not a key; it looks like name+8 hex digits+base64.") from wrong
    if raw[:1] != b"\x01" or key_id != expected.hex():
        raise Unreadable("The log's key has an id that is not its own; copy it again, whole.")
    return Key(name, expected, public)


def unbase64(text: str) -> bytes:
    """Decode base64 and refuse every spelling but the one an encoder gives."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as wrong:
        raise Refused("A hash or signature in it is not base64.") from wrong
    return raw if base64.b64encode(raw).decode() == text else refuse("A hash or signature in it was respelt.")


def refuse(why: str) -> Any:
    """Refuse, where an expression is wanted."""
    raise Refused(why)


def number(text: str) -> int:
    """Read a decimal without leading zeroes."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and str(int(text)) == text):  # noqa: PLR2004 - 64 bits
        raise Refused("A number in it is not written as the log writes numbers.")
    return int(text)


def read_json(line: str) -> dict[str, Any]:
    """Read one line of canonical JSON."""
    try:
        value = json.loads(line)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError) as wrong:
        raise Refused("A line in it should be JSON and is not.") from wrong
    if again != line or not isinstance(value, dict):
        raise Refused("A line in it is not JSON as the log writes it.")
    return value


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 6962)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours (RFC 6962)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterator[bytes] | Sequence[bytes]) -> bytes:
    """Compute the root over all leaf hashes (RFC 6962), keeping one hash for each complete subtree."""
    peaks: list[bytes] = []
    for count, leaf in enumerate(hashes):
        node = leaf
        while count & 1:
            node, count = node_hash(peaks.pop(), node), count >> 1  # noqa: PLW2901 - counts how many joins are due
        peaks.append(node)
    node = peaks.pop() if peaks else hashlib.sha256(b"").digest()
    while peaks:
        node = node_hash(peaks.pop(), node)
    return node


def root_by_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """Compute the root from one leaf and its path (RFC 9162, 2.1.3.2)."""
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Refused("Its proof is longer than the log is high.")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return node if last == 0 else refuse("Its proof is shorter than the log is high.")


def check_checkpoint(note: str, key: Key) -> tuple[int, bytes]:
    """Check a checkpoint's signature and return the log's size and root; exactly one signature, ours, is allowed."""
    lines = note.split("\n")
    if len(lines) != 6:  # noqa: PLR2004 - origin, size, root, empty, signature, end
        raise Refused("Its checkpoint does not have the log's three lines and one signature.")
    origin, size, root, _, signed, _ = lines
    if origin != key.name:
        raise Refused(f"It comes from another log, {plain(origin)}, and not from {key.name}.")
    signature = unbase64(signed.rsplit(" ", 1)[-1])
    if signature[:KEY_ID] != key.key_id or len(signature) != KEY_ID + SIGNATURE:
        raise Refused("It was signed with another key than this log's.")
    count, head = number(size), unbase64(root)
    text = f"{origin}\n{count}\n{base64.b64encode(head).decode()}\n"
    if len(head) != HASH or note != f"{text}\n\N{EM DASH} {key.name} {base64.b64encode(signature).decode()}\n":
        raise Refused("Its checkpoint is not written as the log writes checkpoints.")
    try:
        key.public.verify(signature[KEY_ID:], text.encode())
    except InvalidSignature as wrong:
        raise Refused("The log's signature does not fit; something in its checkpoint was changed.") from wrong
    return count, head


def check_proof(proof: str, entry: bytes, key: Key) -> Proof:
    """Check a tlog-proof for this entry."""
    head, separator, note = proof.partition("\n\n")
    title, *rest = head.split("\n")
    if title != PROOF or not separator or not rest or not rest[0].startswith("index "):
        raise Refused("Its proof is not a tlog-proof as this log writes them.")
    index, path = number(rest[0].removeprefix("index ")), [unbase64(line) for line in rest[1:]]
    if len(path) > LONGEST_PATH or any(len(node) != HASH for node in path):
        raise Refused("Its proof has a hash of the wrong length.")
    size, root = check_checkpoint(note, key)
    if index >= size:
        raise Refused("It claims a number that the log had not reached.")
    if root_by_path(index, size, leaf_hash(entry), path) != root:
        raise Refused("The log holds another entry at this number.")
    return Proof(index, size, root)


def verify(text: bytes, vkey: str, entry: bytes | None = None, *, most: int = MOST_UNPACKED) -> dict[str, Any]:
    """Verify a statement, an export of at most so many bytes, or a bare receipt; return what it says, or refuse."""
    key = read_key(vkey)
    if text.startswith(ZIP):
        return check_export(text, key, most)
    try:
        decoded = text.decode()
    except UnicodeDecodeError as wrong:
        raise Refused("This is not a text as Avow issues them.") from wrong
    if decoded.startswith(PROOF):
        if entry is None:
            raise Unreadable("A bare receipt proves an entry; give the entry's file with --entry.")
        line = entry.removesuffix(b"\n")
        proof = check_proof(decoded, line, key)
        return {"kind": "entry", "body": {}, "entry": read_json(line.decode()), **vars(proof), "origin": key.name}
    return check_statement(decoded, key)


def check_statement(text: str, key: Key) -> dict[str, Any]:
    """Verify one statement: the body by the entry, the entry by the log."""
    lines = text.split("\n", 4)
    if len(lines) != 5 or lines[3] != "" or not lines[0].startswith(STATEMENT + " "):  # noqa: PLR2004
        raise Refused("This is not a statement as Avow issues them, or its first lines were changed.")
    kind, body, entry = lines[0].removeprefix(STATEMENT + " "), read_json(lines[1]), read_json(lines[2])
    if ACTS.get(kind) != entry.get("act") or body.get("kind") != kind:
        raise Refused("It is not the kind of statement that the log recorded.")
    if entry.get("evidence") != hashlib.sha256(lines[1].encode()).hexdigest():
        raise Refused("What it says is not what the log recorded.")
    proof = check_proof(lines[4], lines[2].encode(), key)
    found = {"kind": kind, "body": body, "entry": entry, **vars(proof), "origin": key.name}
    return {**found, "erased": check_erased(body, proof, key)} if kind == "erasure-certificate" else found


def check_erased(body: dict[str, Any], certificate: Proof, key: Key) -> dict[str, Any]:
    """Check the entry that says a key was destroyed and, with the opening, that it was the key of this certificate."""
    erased, opening = body.get("erased"), body.get("opening")
    if erased is None:
        raise Refused("It certifies an erasure without the entry that says so.")
    try:
        line, proof = erased["entry"], check_proof(erased["proof"], erased["entry"].encode(), key)
        entry = read_json(line)
        if entry["act"] != "key.destroyed" or proof.index >= certificate.index:
            raise Refused("The entry that it calls the erasure is not one, or came after it.")
        if opening is None:
            return {"index": proof.index, "entry": entry, "opened": False}
        if not hmac.compare_digest(commitment_of(opening), entry["subject"]):
            raise Refused("The key that was destroyed is not the one this certificate is about.")
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Refused("What it says about the erasure is incomplete.") from wrong
    return {"index": proof.index, "entry": entry, "opened": True}


def commitment_of(opening: dict[str, Any]) -> str:
    """Compute what the log holds from what opens it: a nonce with a slot of the key store or a person's log key."""
    nonce = bytes.fromhex(opening["nonce"])
    if "slot" in opening:
        key, said, length = nonce, b"avow/slot" + number(opening["slot"]).to_bytes(8, "big"), HASH
    else:
        key, said, length = bytes.fromhex(opening["log_key"]), b"avow/subject" + nonce, NONCE
    if (len(key), len(nonce)) != (HASH, length):
        raise Refused("What it says about the erasure is incomplete.")
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def check_export(packed: bytes, key: Key, most: int = MOST_UNPACKED) -> dict[str, Any]:
    """Verify an export: its manifest names the HMAC of every other file under the salt inside, no more and no fewer."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            members = file.infolist()
            check_sizes(members, min(most, len(packed)))
            content = {member.filename: file.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as wrong:
        raise Refused("The zip file is damaged.") from wrong
    if MANIFEST not in content or len(content) != len(members):
        raise Refused("It has no manifest, or two files of one name.")
    try:
        found = check_statement(content[MANIFEST].decode(), key)
    except UnicodeDecodeError as wrong:
        raise Refused("Its manifest is not a text as Avow issues them.") from wrong
    promised = found["body"].get("files")
    if found["kind"] != "export" or not isinstance(promised, dict) or found["body"].get("digest") != DIGEST:
        raise Refused("Its manifest is not the manifest of an export.")
    hashes = hashes_of(content)
    if other := sorted(name for name in promised.keys() | hashes.keys() if promised.get(name) != hashes.get(name)):
        raise Refused(f"A file is missing, was added or was changed: {plain(other[0])}.")
    if found["body"].get("layout") == LAYOUT and pack(content) != packed:
        raise Refused("The zip file around the files was changed.")
    return found


def check_sizes(members: Sequence[zipfile.ZipInfo], most: int) -> None:
    """Refuse, before anything is read, what is compressed or is together longer than allowed or than the zip itself."""
    if any(one.compress_type != zipfile.ZIP_STORED or one.compress_size != one.file_size for one in members):
        raise Refused("A file in it is compressed, and Avow compresses none.")
    if sum(one.file_size for one in members) > most:
        raise Refused("It would unpack to more than the zip file holds, or to more than is read here.")


def hashes_of(content: dict[str, bytes]) -> dict[str, str]:
    """Compute the HMAC of every file but the manifest, the salt's own among them, under the salt."""
    written = content.get(SALT, b"")
    try:
        salt = bytes.fromhex(written.decode())
    except ValueError as wrong:
        raise Refused("Its salt is not written as Avow writes it.") from wrong
    if len(salt) != HASH or salt.hex().encode() != written:
        raise Refused("It has no salt, or one that is not written as Avow writes it.")
    return {name: hmac.digest(salt, raw, "sha256").hex() for name, raw in content.items() if name != MANIFEST}


def pack(files: dict[str, bytes]) -> bytes:
    """Return the one zip file (stored, no dates, sorted by name) of these files, so that no byte of it is free."""
    body, directory = io.BytesIO(), b""
    for name in sorted(files):
        raw, encoded = files[name], name.encode()
        flags, stored, time, date = 0x0800, 0, 0, 0x21  # names in UTF-8; 1 January 1980
        common = struct.pack("<4H3L2H", flags, stored, time, date, zlib.crc32(raw), len(raw), len(raw), len(encoded), 0)
        mode = 0o100600 << 16
        directory += (
            struct.pack("<4s2H24s3H2L", b"PK\x01\x02", 0x0314, 20, common, 0, 0, 0, mode, body.tell()) + encoded
        )
        body.write(struct.pack("<4sH24s", ZIP, 20, common) + encoded + raw)
    count, length, at = len(files), len(directory), body.tell()
    return body.getvalue() + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, at, 0)


def audit(read: Callable[[str], bytes], vkey: str) -> dict[str, Any]:
    """Recompute a whole log from every entry; `read` gives its files by the names of C2SP tlog-tiles."""
    key = read_key(vkey)
    size, root = check_checkpoint(read("checkpoint").decode(errors="replace"), key)
    if root_of(leaf_hash(entry) for entry in entries_of(read, size)) != root:
        raise Refused("The entries are not the ones that the log signed.")
    return {"kind": "log", "body": {}, "size": size, "root": root, "origin": key.name}


def entries_of(read: Callable[[str], bytes], size: int) -> Iterator[bytes]:
    """Yield every entry of the log, bundle by bundle."""
    for start in range(0, size, WIDTH):
        width = min(WIDTH, size - start)
        bundle = io.BytesIO(read("tile/entries/" + path_of(start // WIDTH, width)))
        for _ in range(width):
            yield bundle.read(int.from_bytes(bundle.read(2), "big"))
        if bundle.read(1):
            raise Refused("A bundle of entries is longer than it should be.")


def path_of(tile: int, width: int) -> str:
    """Name a tile as C2SP tlog-tiles does: 1234067 is x001/x234/067."""
    digits = str(tile).zfill(-(-len(str(tile)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def plain(text: Any) -> str:
    """Make a text safe to print on a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text))


def explain(found: dict[str, Any]) -> str:
    """Say in plain words what was verified and what that does not prove."""
    entry, body = found.get("entry", {}), found["body"]
    lines = [f"Verified: {NAMES[found['kind']]}.", f"  log       {plain(found['origin'])}"]
    if entry:
        lines += [f"  entry     no. {found['index']} of {found['size']}", f"  recorded  {plain(entry.get('at'))}"]
        lines += [f"  act       {plain(entry.get('act'))}"]
    else:
        lines += [f"  entries   {found['size']}, each one read"]
    if erased := found.get("erased"):
        lines.append(f"  erasure   no. {erased['index']}, recorded {plain(erased['entry'].get('at'))}")
    if until := body.get("copies_open_until"):
        lines.append(f"  copies    of the key database open nothing after {plain(until)}, as it says")
    lines += ["", "This shows:", *(f"- {sentence}" for sentence in shows(found))]
    limits = body.get("limits") if isinstance(body.get("limits"), list) else []
    whose = [f"- {WHOSE}"] if erased else []
    lines += ["", "This does not show:", *(f"- {plain(limit)}" for limit in limits), *whose, f"- {ONE_STORY}"]
    return "\n".join(lines)


def shows(found: dict[str, Any]) -> list[str]:
    """Return what follows from the checks that were made."""
    if found["kind"] == "log":
        return ["Every entry is the one that the log signed; none is missing, added or changed."]
    said = ["The log recorded exactly this, and not a byte was changed since."]
    if found["kind"] == "export":
        said.append("All files of the export are here, as they were made.")
    if found["kind"] == "receipt" and found.get("body", {}).get("of") == "acceptance":
        body = found["body"]
        said.append(
            f"It says that the notice with the hash {body['notice']} was shown at {body['shown']}, and that the text "
            f"with the hash {body['version']} was accepted at {body['accepted']} by “{body['by']}”."
        )
    if erased := found.get("erased"):
        whose = "the key this certificate is about" if erased["opened"] else "a key"
        said.append(f"Before the certificate was issued, the log recorded that {whose} was destroyed.")
    return said


NAMES = {
    "erasure-certificate": "certificate of an erasure",
    "export": "export of what was held",
    "receipt": "receipt",
    "entry": "one entry of the log",
    "log": "the whole log",
}
ONE_STORY = "That the log tells everyone the same story. For that, compare its checkpoint with one kept elsewhere."
WHOSE = (
    "Whose key it was. The certificate is bound to a slot of the key store, and only the service ties it to a person."
)


def fetch(url: str) -> bytes:
    """Read one file of a log that is served somewhere."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 # nosec B310 - only http and https come here
        return bytes(answer.read())


def source(place: str, checkpoint: str | None) -> Callable[[str], bytes]:
    """Return how to read a log: below a URL, from a folder, or from a file with one entry a line and a checkpoint."""
    if place.startswith(("http://", "https://")):
        return lambda path: fetch(f"{place.rstrip('/')}/{path}")
    if Path(place).is_dir():
        return lambda path: (Path(place) / path).read_bytes()
    if checkpoint is None:
        raise Unreadable("A file of entries needs the log's checkpoint as well: --checkpoint FILE.")
    lines = Path(place).read_bytes().splitlines()

    def read(path: str) -> bytes:
        if path == "checkpoint":
            return Path(checkpoint).read_bytes()
        start = int(path.removeprefix("tile/entries/").split(".p/")[0].replace("x", "").replace("/", "")) * WIDTH
        return b"".join(len(line).to_bytes(2, "big") + line for line in lines[start : start + WIDTH])

    return read


def ask(file: str | None, log_key: str, entry: str | None, whole: str | None, checkpoint: str | None) -> dict[str, Any]:
    """Do what the command line asks for."""
    vkey = Path(log_key).read_text() if "+" not in log_key or Path(log_key).is_file() else log_key
    if whole is not None:
        return audit(source(whole, checkpoint), vkey)
    if file is None:
        raise Unreadable("Name the file to verify, or a whole log with --audit.")
    return verify(Path(file).read_bytes(), vkey, Path(entry).read_bytes() if entry else None)


def told(why: Exception) -> str:
    """Say in a sentence what kept us from checking."""
    if isinstance(why, UnicodeDecodeError):
        return "it is not text in UTF-8."
    if isinstance(why, OSError) and why.filename:
        return f"{why.filename} cannot be read: {(why.strerror or 'no reason given').lower()}."
    return str(why)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(description="Verify a certificate, export, receipt or log of Avow.")
    parser.add_argument("file", nargs="?", help="certificate, export (zip) or receipt (.tlog-proof)")
    parser.add_argument("--log-key", required=True, help="the log's public key, or a file that holds it")
    parser.add_argument("--entry", help="the entry that a bare receipt proves")
    parser.add_argument("--audit", help="a whole log: its URL, a folder of its files, or a file of entries")
    parser.add_argument("--checkpoint", help="the log's checkpoint, for a file of entries")
    given = parser.parse_args(arguments)
    try:
        print(explain(ask(given.file, given.log_key, given.entry, given.audit, given.checkpoint)))  # noqa: T201
    except Refused as why:
        print(f"Refused: {why}")  # noqa: T201
        return 1
    except (Unreadable, OSError, UnicodeDecodeError) as why:
        print(f"Cannot check: {told(why)}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
