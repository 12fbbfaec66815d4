"""Nothing that rests after an export can be guessed back: no plain hash of what a file said, here or after an erasure.

Tried: keeping the manifest with SHA-256 of each file, as was once done, is found by the same attack on the planted one.
"""

import base64
import hashlib
import hmac
import io
import json
import zipfile

from avow.evidence import statements
from avow.evidence.models import Statement
from avow.requests import certificates, erasing, exporting
from avow.vault.actor import THE_PERSON

HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"]


def members(export):
    with zipfile.ZipFile(io.BytesIO(export.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def addresses(address):
    """The very bytes of the file that holds nothing but a known address."""
    return json.dumps([{"address": address, "confirmed": True, "in use": True}], indent=1).encode()


def spellings(guess):
    """Every form in which an unsalted hash of the guess could rest, as PostgreSQL prints text and bytes."""
    for name in HASHES:
        for raw in (hashlib.new(name, guess).digest(), hmac.digest(b"", guess, name)):
            for text in (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")):
                yield text
                yield text.encode().hex()


def at_rest(superuser):
    rows = []
    for database in ("avow", "avow_keys"):
        with superuser(database) as admin:
            for (name,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
                rows += [row for (row,) in admin.execute(f'SELECT t::text FROM "{name}" t').fetchall()]
    return "\n".join(rows)


def guessed(superuser, guesses):
    rest = at_rest(superuser)
    return [guess for guess in guesses if any(text in rest for text in spellings(guess))]


def test_a_dictionary_finds_nothing_after_an_export_or_an_erasure(someone, take_up, complete, superuser, now):
    planted = addresses("planted@example.com")
    body = {"files": {"data/account-addresses.json": hashlib.sha256(planted).hexdigest()}}
    entry = statements.issue("export", body, act=statements.Act.EXPORT_MADE, promise=exporting.Promise.ACCESS_AND_ERASE, now=now)  # fmt: skip
    assert Statement.objects.filter(entry_id=entry).exists()
    person = someone()
    inside = members(exporting.export(person, now=now, sleep=lambda _: take_up(now)))
    known = addresses("ada@example.com")
    assert inside["data/account-addresses.json"] == known, "the attacker's guess is the file, byte for byte"
    own = {raw for name, raw in inside.items() if name != "policy.md"}  # that one is public, and its hash is its name
    guesses = [planted, known, b"ada@example.com", b"Ada Lovelace", b"+442079460958", *own]
    assert guessed(superuser, guesses) == [planted]
    assert inside["SALT"].decode() not in at_rest(superuser)
    complete(erasing.ask(person, by=THE_PERSON, now=now).pk)
    assert guessed(superuser, guesses) == [planted]


def test_two_manifests_of_the_same_file_have_nothing_in_common(someone, take_up, now):
    """It bites: SHA-256 of each file, or one salt for all exports, fails it."""
    person = someone()
    one, two = (members(exporting.export(person, now=now, sleep=lambda _: take_up(now))) for _ in range(2))
    assert one["policy.md"] == two["policy.md"] and one["SALT"] != two["SALT"]
    files, others = (json.loads(inside["MANIFEST"].split(b"\n")[1])["files"] for inside in (one, two))
    assert set(files) == set(one) - {"MANIFEST"} and not set(files.values()) & set(others.values())
    assert not any(
        hashlib.sha256(raw).hexdigest() in one["MANIFEST"].decode() for name, raw in one.items() if name != "policy.md"
    )


def test_no_manifest_and_no_salt_is_kept(someone, take_up, now):
    export = exporting.export(someone(), now=now, sleep=lambda _: take_up(now))
    assert not Statement.objects.filter(kind="export").exists()
    assert certificates.read(export.number).statement is None
