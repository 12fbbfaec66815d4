"""What people carry away is accepted as issued and refused with any byte changed."""

import base64
import hashlib
import hmac
import io
import json
import random
import shutil
import struct
import subprocess
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from avow.errors import BeingRecorded, NotFound
from avow.evidence import statements, tiles, verifier
from avow.evidence.acts import Act
from avow.evidence.entries import Entry
from avow.evidence.models import Statement
from avow.evidence.notes import SigningKey
from avow.evidence.outbox import record
from avow.evidence.receipts import receipt
from avow.policy.promises import Promise

from .conftest import NOON

NONCE, SUBKEY = bytes(range(16)), bytes(range(100, 132))
SUBJECT = hmac.new(SUBKEY, b"avow/subject" + NONCE, hashlib.sha256).digest()


@pytest.fixture
def certificate(log):
    """An erasure certificate as the room of requests issues it."""
    log.write(5)
    destroyed = record(Entry(act=Act.KEY_DESTROYED, at=NOON, subject=SUBJECT), using="avow_keys")
    log.sequence()
    body = {
        "erased": statements.embedded(destroyed),
        "opening": {"log_key": SUBKEY.hex(), "nonce": NONCE.hex()},
        "limits": ["Backups of the key database would still open the person."],
    }
    entry_id = issue("erasure-certificate", body, Act.CERTIFICATE_ISSUED)
    with pytest.raises(BeingRecorded):
        statements.render(entry_id)
    log.write(3)
    log.sequence()
    return statements.render(entry_id)


def issue(kind, body, act):
    return statements.issue(kind, body, act=act, promise=Promise.ACCESS_AND_ERASE, now=NOON)


def refused(text, key, **named):
    with pytest.raises(verifier.Refused) as why:
        verifier.verify(text, key.vkey, **named)
    return str(why.value)


def test_the_certificate_is_accepted_and_stays_the_same(certificate, key, log):
    found = verifier.verify(certificate, key.vkey)
    assert found["kind"] == "erasure-certificate"
    assert found["erased"]["opened"]
    assert found["index"] == 6
    told = verifier.explain(found)
    assert "Backups of the key database would still open the person." in told
    assert "the key this certificate is about was destroyed" in told
    assert "only the service ties it to a person" in told.partition("This does not show:")[2]


def test_every_changed_byte_is_refused(certificate, key):
    chance = random.Random(6962)
    for place in range(len(certificate)):
        changed = bytearray(certificate)
        changed[place] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128, chance.randint(1, 255)))
        refused(bytes(changed), key)


def test_every_byte_left_out_or_added_is_refused(certificate, key):
    chance = random.Random(9162)
    for place in range(0, len(certificate), 3):
        refused(certificate[:place] + certificate[place + 1 :], key)
        refused(certificate[:place] + bytes([chance.randrange(256)]) + certificate[place:], key)
    refused(certificate + b"\n", key)
    refused(certificate.replace(b"\n", b"\r\n"), key)
    refused(b"\xef\xbb\xbf" + certificate, key)


def test_base64_has_one_spelling(certificate, key):
    """43 characters and '=' leave two bits free; the last character has four spellings that decode alike."""
    text = certificate.decode()
    root = text.split("\n")[-4]
    twin = next(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                if c != root[-2] and base64.b64decode(root[:-2] + c + "=") == base64.b64decode(root))  # fmt: skip
    assert "respelt" in refused(text.replace(root, root[:-2] + twin + "=").encode(), key)


def test_another_signature_line_is_refused(certificate, key):
    signed = certificate.decode().rstrip("\n").split("\n")[-1]
    for extra in (signed, signed.replace(key.origin, "witness.example")):
        refused(certificate + extra.encode() + b"\n", key)


def test_another_logs_certificate_is_refused(certificate, key):
    other = SigningKey("log.other.example", bytes(range(1, 33)))
    assert "another log" in refused(certificate, other)
    assert "another key" in refused(certificate, SigningKey(key.origin, bytes(range(1, 33))))


def test_a_certificate_of_another_erasure_is_refused(log, key):
    """Each of these is honestly signed by the log; what is wrong is what it says."""
    (signed_in,) = log.write(1)
    destroyed = record(Entry(act=Act.KEY_DESTROYED, at=NOON, subject=SUBJECT))
    log.sequence()
    erased, opening = statements.embedded(destroyed), {"log_key": SUBKEY.hex(), "nonce": NONCE.hex()}
    wrong = [
        {"erased": erased, "opening": {**opening, "nonce": bytes(16).hex()}},
        {"erased": statements.embedded(signed_in), "opening": opening},
        {"erased": statements.embedded(signed_in)},
        {"erased": {**erased, "entry": erased["entry"].replace("12:00:00", "12:00:01")}, "opening": opening},
        {"opening": opening},
        {},
        {"erased": None},
        {"erased": None, "opening": None},
        {"erased": {}, "opening": opening},
        {"erased": erased, "opening": "no"},
        {"erased": 7},
    ]
    issued = [issue("erasure-certificate", body, Act.CERTIFICATE_ISSUED) for body in wrong]
    fine = issue("erasure-certificate", {"erased": erased, "opening": opening}, Act.CERTIFICATE_ISSUED)
    log.sequence()
    assert verifier.verify(statements.render(fine), key.vkey)["erased"]["opened"]
    for entry_id in issued:
        refused(statements.render(entry_id), key)


def test_a_destroyed_slot_is_opened_by_its_number_and_nonce(log, key):
    """What an erasure records: the slot of the key store, under a nonce that only the certificate carries."""
    nonce = bytes(range(32))
    slot = hmac.new(nonce, b"avow/slot" + (261).to_bytes(8, "big"), hashlib.sha256).digest()
    destroyed = record(Entry(act=Act.KEY_DESTROYED, at=NOON, subject=slot), using="avow_keys")
    log.sequence()
    erased, opening = statements.embedded(destroyed), {"slot": "261", "nonce": nonce.hex()}
    fine = issue("erasure-certificate", {"erased": erased, "opening": opening}, Act.CERTIFICATE_ISSUED)
    others = [
        {"slot": "262"},
        {"slot": "0261"},
        {"slot": 261},
        {"slot": "9" * 40},
        {"slot": "-1"},
        {"nonce": "00" * 32},
        {"nonce": ""},
    ]
    wrong = [
        issue("erasure-certificate", {"erased": erased, "opening": {**opening, **other}}, Act.CERTIFICATE_ISSUED)
        for other in others
    ]
    log.sequence()
    assert verifier.verify(statements.render(fine), key.vkey)["erased"]["opened"]
    for entry_id in wrong:
        refused(statements.render(entry_id), key)


def test_a_statement_is_of_the_kind_that_was_recorded(log, key):
    with pytest.raises(ValueError, match="recorded as"):
        issue("export", {}, Act.CERTIFICATE_ISSUED)
    with pytest.raises(ValueError, match="recorded as"):
        issue("novel", {}, Act.CERTIFICATE_ISSUED)
    entry_id = issue("receipt", {}, Act.RECEIPT_ISSUED)
    log.sequence()
    receipt_text = statements.render(entry_id)
    assert "kind" in refused(receipt_text.replace(b"/1 receipt", b"/1 export"), key)
    with pytest.raises(NotFound):
        statements.render(entry_id.__class__(int=0))


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":"receipt","kind":"receipt"}',  # two readers could take two different values
        b'{"kind":"receipt", "more":1}',
        b'{"more":1,"kind":"receipt"}',
        b'{"kind":"receipt","more":"\\u0041"}',
        b'{"kind":"receipt","more":NaN}',
        b'["receipt"]',
    ],
)
def test_a_body_has_one_spelling_even_when_the_log_recorded_another(log, key, line):
    entry_id = record(Entry(act=Act.RECEIPT_ISSUED, at=NOON, evidence=hashlib.sha256(line).digest()))
    Statement.objects.create(entry_id=entry_id, kind="receipt", body=line)
    log.sequence()
    assert "JSON" in refused(statements.render(entry_id), key)


SALT = bytes(range(32, 64))
FILES = {"index.html": b"<p>Ada</p>", "data/name.json": b'"Ada"', "why.json": b"{}"}


def export(log, key, layout=verifier.LAYOUT, digest=verifier.DIGEST, **changed):
    files = {**FILES, verifier.SALT: SALT.hex().encode(), **changed}
    digests = {name: hmac.digest(SALT, raw, "sha256").hex() for name, raw in files.items()}
    body = {"files": digests, "digest": digest, "layout": layout}
    entry_id = issue("export", body, Act.EXPORT_MADE)
    log.sequence()
    return {**files, verifier.MANIFEST: statements.render(entry_id)}


def test_an_export_is_accepted_with_every_byte_and_no_other(log, key):
    packed = verifier.pack(export(log, key))
    assert verifier.verify(packed, key.vkey)["kind"] == "export"
    chance = random.Random(4)
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 1 << chance.randrange(8)
        refused(bytes(changed), key)
    refused(packed + b"x", key)
    refused(b"PK\x03\x04" + packed, key)
    refused(packed[:-30], key)


def test_an_exports_files_are_the_ones_in_its_manifest(log, key):
    files = export(log, key)
    wrong = [
        {**files, "why.json": b"[]"},
        {**files, "more.txt": b""},
        {name: raw for name, raw in files.items() if name != "index.html"},
        {name: raw for name, raw in files.items() if name != verifier.MANIFEST},
        {name: raw for name, raw in files.items() if name != verifier.SALT},
        {**files, verifier.SALT: bytes(32).hex().encode()},
        {**files, verifier.SALT: files[verifier.SALT].upper()},
        {**files, verifier.SALT: files[verifier.SALT] + b"\n"},
    ]
    for members in wrong:
        refused(verifier.pack(members), key)


@pytest.mark.parametrize("salt", [b"", SALT[:16].hex().encode(), SALT.hex().upper().encode(), b"\xff" * 64, b"z" * 64])
def test_a_salt_has_one_spelling_even_when_the_log_recorded_another(log, key, salt):
    assert "salt" in refused(verifier.pack(export(log, key, **{verifier.SALT: salt})), key)


def test_a_manifest_of_plain_hashes_is_none(log, key):
    """Such a manifest lets everybody who holds it guess what the files say; none is issued, so none is accepted."""
    assert "manifest" in refused(verifier.pack(export(log, key, digest=None)), key)


def test_any_zip_program_reads_our_zip_and_a_zip_of_theirs_is_accepted(log, key, tmp_path):
    files = export(log, key)
    (tmp_path / "ours.zip").write_bytes(verifier.pack(files))
    shutil.unpack_archive(tmp_path / "ours.zip", tmp_path / "out")
    assert {n: (tmp_path / "out" / n).read_bytes() for n in files} == files
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tq", tmp_path / "ours.zip"], check=True, capture_output=True)
    files = export(log, key, layout=None)
    theirs = tmp_path / "theirs"
    for name, raw in files.items():
        (theirs / name).parent.mkdir(parents=True, exist_ok=True)
        (theirs / name).write_bytes(raw)
    packed = Path(shutil.make_archive(str(tmp_path / "theirs"), "zip", theirs))
    assert "compressed" in refused(packed.read_bytes(), key)
    assert verifier.verify(zipped(files), key.vkey)["kind"] == "export"  # another layout is fine when it says so
    assert "added" in refused(zipped({**files, "data/": b""}), key)


def zipped(files, how=zipfile.ZIP_STORED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return packed.getvalue()


BOMB = {"index.html": bytes(8 << 20)}


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_compressed_is_refused_before_it_is_read(key, monkeypatch, how):
    """It bites: without `check_sizes` all eight MiB are unpacked first."""
    read = []
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *given: read.append(given) or b"")
    bomb = zipped(BOMB, how)
    assert len(bomb) < 20_000
    for packed in (bomb, bomb[:60] + b"\xff" * 20 + bomb[80:]):
        assert "compressed" in refused(packed, key)
    assert not read


def test_files_that_lie_in_each_other_are_refused_before_they_are_read(log, key, monkeypatch):
    """Many names for the same bytes: nothing is compressed, and yet it unpacks to many times its size."""
    packed = zipped({"a": bytes(10_000)})
    at = packed.index(b"PK\x01\x02")
    entry, end = packed[at : packed.index(b"PK\x05\x06")], packed[packed.index(b"PK\x05\x06") :]
    count = 300
    body = packed[:at] + entry * count
    bomb = body + end[:8] + struct.pack("<2HL", count, count, len(entry) * count) + end[16:]
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was read"))
    assert "more than" in refused(bomb, key)


def test_the_caller_says_how_much_is_read(log, key):
    packed = verifier.pack(export(log, key))
    size = sum(map(len, {**FILES, verifier.SALT: SALT.hex()}.values()))
    assert verifier.verify(packed, key.vkey, most=len(packed))["kind"] == "export"
    assert "more than" in refused(packed, key, most=size)


def test_a_bare_receipt_proves_its_entry(log, key):
    entry_id = log.write(9)[4]
    assert receipt(entry_id) is None
    log.sequence()
    found = receipt(entry_id)
    log.write(400)
    log.sequence()
    assert receipt(entry_id).text == found.text  # asked again later: the same bytes
    proved = verifier.verify(found.text.encode(), key.vkey, found.entry + b"\n")
    assert (proved["index"], proved["entry"]["act"]) == (4, "person.signed-in")
    refused(found.text.encode(), key, entry=found.entry.replace(b"12:00:04", b"12:00:05"))
    with pytest.raises(verifier.Unreadable, match="--entry"):
        verifier.verify(found.text.encode(), key.vkey)


def written(log, folder, count=700):
    log.write(count)
    log.sequence()
    tiles.write(folder)
    return folder


def test_a_whole_log_is_audited_from_its_entries(log, key, tmp_path):
    folder = written(log, tmp_path)
    read = verifier.source(str(folder), None)
    assert verifier.audit(read, key.vkey)["size"] == 700
    bundle = folder / "tile/entries/001"
    honest = bundle.read_bytes()
    for changed in (honest.replace(b"12:04:16", b"12:04:17"), honest + b"\0\0", honest[:-1]):
        bundle.write_bytes(changed)
        with pytest.raises(verifier.Refused):
            verifier.audit(read, key.vkey)
    bundle.write_bytes(honest)
    (folder / "checkpoint").write_bytes(b"\xff" + (folder / "checkpoint").read_bytes())
    with pytest.raises(verifier.Refused):
        verifier.audit(read, key.vkey)


def test_the_empty_log_is_audited_too(log, key, tmp_path):
    log.sequence()
    tiles.write(tmp_path)
    assert verifier.audit(verifier.source(str(tmp_path), None), key.vkey)["size"] == 0


def run(*arguments):
    """Run the file alone, as a person would who has nothing of ours but this file."""
    return subprocess.run(
        [sys.executable, "-I", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=180
    )


def test_the_file_runs_alone(certificate, log, key, tmp_path):
    program = tmp_path / "verifier.py"
    shutil.copy(verifier.__file__, program)
    assert "avow" not in {
        line.split()[1].split(".")[0]
        for line in program.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    file, vkey = tmp_path / "certificate.txt", tmp_path / "log.vkey"
    file.write_bytes(certificate)
    vkey.write_text(key.vkey + "\n")
    fine = run(program, file, "--log-key", vkey)
    assert fine.returncode == 0 and "Verified: certificate of an erasure" in fine.stdout, fine.stderr
    assert run(program, file, "--log-key", key.vkey).returncode == 0
    file.write_bytes(certificate.replace(b"Backups", b"backups"))
    changed = run(program, file, "--log-key", vkey)
    assert changed.returncode == 1 and "Refused" in changed.stdout
    for junk in (
        b"",
        b"\0\xff" * 50,
        b"PK\x03\x04junk",
        b"[" * 10_000,
        b"avow.statement/1 receipt\n" + b"[" * 100_000 + b"\n{}\n\n",
    ):
        file.write_bytes(junk)
        assert run(program, file, "--log-key", vkey).returncode == 1
    folder = tmp_path / "log"
    tiles.write(folder)
    assert "every" not in (audited := run(program, "--audit", folder, "--log-key", vkey)).stderr
    assert audited.returncode == 0 and "the whole log" in audited.stdout
    lines = tmp_path / "entries"
    read = verifier.source(str(folder), None)
    lines.write_bytes(b"".join(line + b"\n" for line in verifier.entries_of(read, tiles.newest().size)))
    by_lines = ["--audit", lines, "--log-key", vkey]
    assert run(program, *by_lines, "--checkpoint", folder / "checkpoint").returncode == 0
    assert run(program, *by_lines).returncode == 2
    assert run(program, tmp_path / "absent", "--log-key", vkey).returncode == 2
    assert run(program, "--log-key", vkey).returncode == 2
    assert run(program, file).returncode == 2


@pytest.mark.parametrize("wrong", ["", "a+b+c", "log.example/avow", "log+00000000+AQ==", "absent+12345678+" + "A" * 44])
def test_a_key_that_is_none_is_said_so(wrong):
    with pytest.raises(verifier.Unreadable):
        verifier.read_key(wrong)


def test_what_a_hostile_log_says_reaches_no_terminal():
    assert verifier.plain("a\x1b[2Jb\u202e") == "a?[2Jb?"
    assert json.loads(json.dumps(verifier.plain(7))) == "7"


def test_a_log_is_audited_where_it_is_served(log, key, tmp_path):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    log.write(300)
    log.sequence()
    tiles.write(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        assert verifier.main(["--audit", url, "--log-key", key.vkey]) == 0
        (tmp_path / "tile/entries/000").unlink()
        assert verifier.main(["--audit", url, "--log-key", key.vkey]) == 2
        server.shutdown()
