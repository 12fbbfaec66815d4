"""
What comes damaged, moved or from elsewhere is refused with what to do, and leaves everything as it was.

It bites: each was tried. Chunks of a backup that are not bound to their number and header open when they are swapped;
an address that is not bound to token and person opens for somebody else; without the cover that `buckets.prove` tries, a key file of
another installation passes until the first person is opened.
"""

import pytest
from django.db import connections
from django.test import override_settings

from avow.errors import AvowError, BadInput, DoesNotOpen, KeyringLost
from avow.keyring.file import FileKeyring, write_durably
from avow.policy.purposes import Purpose
from avow.vault import addresses, fence, persons
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, loading
from avow.vault.keys.models import PersonSlot
from avow.vault.models import AddressSealed


@pytest.fixture
def kept(house, tmp_path, monkeypatch, now):
    """A key backup of several chunks, and where it lies."""
    monkeypatch.setattr(backups, "CHUNK", 200)
    with override_settings(KEYRING_FOLDER=tmp_path / "keys", KEY_BACKUPS_FOLDER=tmp_path / "backups", LOG_SEEN=None):
        people = [enrol(now=now) for _ in range(3)]
        yield backups.take(now=now), people


def chunks(content):
    """The clear beginning of a backup, and its chunks as they lie there."""
    start = content.index(b"\n", len(backups.MAGIC)) + 1
    found, at = [], start
    while at < len(content):
        length = int.from_bytes(content[at + 1 : at + 5], "big")
        found.append(content[at : at + 5 + length])
        at += 5 + length
    return content[:start], found


def damaged(content):
    """The same backup, wrong in one way each."""
    head, parts = chunks(content)
    assert len(parts) > 3
    flipped = bytearray(content)
    flipped[-1] ^= 1
    yield "cut in a chunk", content[:-7]
    yield "cut between chunks", head + b"".join(parts[:-1])
    yield "two chunks swapped", head + parts[1] + parts[0] + b"".join(parts[2:])
    yield "a chunk left out", head + b"".join(parts[1:])
    yield "the last chunk early", head + parts[0] + parts[-1]
    yield "something behind its end", content + b"more"
    yield "one bit", bytes(flipped)
    yield "another header", content.replace(b'"slots": 2', b'"slots": 9', 1)
    yield "a future version", content.replace(b"key-backup/1", b"key-backup/2", 1)
    yield "a header that is none", backups.MAGIC + b"[]\n" + b"".join(parts)
    yield "nothing", b""


def test_a_damaged_backup_is_refused_and_the_key_database_stays_as_it_was(kept, tmp_path):
    path, people = kept
    before = dict(PersonSlot.objects.values_list("person", "slot"))
    for how, content in damaged(path.read_bytes()):
        wrong = tmp_path / "wrong.avowkeys"
        wrong.write_bytes(content)
        with pytest.raises((BadInput, DoesNotOpen)):
            loading.load(loading.chosen(wrong)[0])
            pytest.fail(f"it was loaded although it had {how}")
        assert dict(PersonSlot.objects.values_list("person", "slot")) == before, how
    assert loading.load(path) == []  # and the sound one loads
    assert dict(PersonSlot.objects.values_list("person", "slot")) == before
    assert all(persons.key_of(person) for person in people)


def test_a_backup_of_another_installation_or_under_another_key_is_refused(kept, tmp_path, now):
    path, _ = kept
    with override_settings(KEYRING_FOLDER=tmp_path / "others", KEY_BACKUPS_FOLDER=tmp_path / "theirs"):
        with pytest.raises(BadInput, match="another installation"):
            loading.chosen(path)
        with pytest.raises(BadInput, match="another installation"):
            backups.check(path)
    key = tmp_path / "keys" / "epoch-000001.key"
    key.unlink()
    FileKeyring(tmp_path / "keys").create(1)
    with pytest.raises(BadInput, match="does not open"):
        backups.check(path)
    with pytest.raises(BadInput, match="no file"):
        loading.chosen(tmp_path / "absent")


def test_a_backup_from_a_newer_avow_is_refused_whole(kept, superuser, tmp_path, now):
    with superuser("avow_keys") as dba:
        dba.execute("ALTER TABLE vault_keys_epoch ADD COLUMN hue int")
    try:
        connections["avow_keys"].close()
        newer = backups.take(now=now)
    finally:
        with superuser("avow_keys") as dba:
            dba.execute("ALTER TABLE vault_keys_epoch DROP COLUMN hue")
    with pytest.raises(BadInput, match="newer Avow"):
        loading.load(newer)
    assert PersonSlot.objects.count() == 3


def test_an_epoch_key_of_another_installation_is_said_at_start(kept, tmp_path, now):
    key = tmp_path / "keys" / "epoch-000001.key"
    own = key.read_bytes()
    key.unlink()
    FileKeyring(tmp_path / "keys").create(1)
    with pytest.raises(KeyringLost, match=r"not the one that sealed its covers.*Put .* back"):
        fence.require(now=now)
    key.unlink()
    write_durably(key, own)
    fence.require(now=now)


@pytest.mark.parametrize("moved", ["person", "token", "kind", "policy"])
def test_a_moved_address_does_not_open_for_anybody(house, now, moved):
    ada, bo = enrol(now=now), enrol(now=now)
    token = addresses.token_for("email", "ada@example.com", ada, now)
    other = addresses.token_for("email", "bo@example.com", bo, now)
    row = AddressSealed.objects.get(token=token)
    if moved in {"person", "token"}:
        AddressSealed.objects.filter(token=other).update(ciphertext=row.ciphertext)
        asked = (other, bo)
    else:
        AddressSealed.objects.filter(token=token).update(**{moved: {"kind": "phone", "policy": "0" * 64}[moved]})
        asked = (token, ada)
    with pytest.raises(AvowError) as refused:
        addresses.open_address(*asked, Purpose.ACCOUNT, now=now)
    assert "ada@example.com" not in str(refused.value)
