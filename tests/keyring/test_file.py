"""The file keyring keeps epoch keys whole, refuses doubtful ones and really destroys."""

import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from avow.errors import KeyringLost
from avow.keyring.file import FileKeyring, write_durably
from avow.keyring.port import Ack, Keyring
from avow.keyring.rsa import rsa_key
from avow.keyring.secret import list_of, named_secret


@pytest.fixture
def keyring(tmp_path):
    return FileKeyring(tmp_path / "keys")


def test_a_key_is_made_once_and_read_back_equal(keyring: Keyring):
    first = keyring.create(1)
    assert len(first) == 32
    assert keyring.create(1) == first == keyring.load(1)
    assert keyring.create(2) != first
    assert keyring.list() == [1, 2]


def test_only_the_owner_may_read_it_and_anything_wider_is_refused(keyring):
    keyring.create(1)
    path = keyring.folder / "epoch-000001.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert keyring.folder.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    with pytest.raises(KeyringLost, match="chmod 600"):
        keyring.load(1)


def _create(folder):
    return FileKeyring(Path(folder)).create(7)


def test_processes_that_race_get_the_same_key(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        keys = set(pool.map(_create, [str(tmp_path / "keys")] * 16))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["epoch-000007.key"]  # nothing half made is left


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda _: b"", lambda b: bytes([b[0] ^ 1]) + b[1:], lambda b: b + b"x"]
)
def test_a_damaged_file_is_refused_and_never_replaced(keyring, damage):
    keyring.create(1)
    path = keyring.folder / "epoch-000001.key"
    path.write_bytes(damage(path.read_bytes()))
    left = path.read_bytes()
    for act in (keyring.load, keyring.create):
        with pytest.raises(KeyringLost, match="epoch 1"):
            act(1)
    assert path.read_bytes() == left


def test_another_epochs_file_under_this_name_is_refused(keyring):
    keyring.create(1), keyring.create(2)
    (keyring.folder / "epoch-000001.key").rename(keyring.folder / "epoch-000002.key")
    with pytest.raises(KeyringLost, match="epoch 2"):
        keyring.load(2)
    with pytest.raises(KeyringLost, match="no key for epoch 1"):
        keyring.load(1)


def test_destroying_overwrites_the_bytes_and_is_safe_to_repeat(keyring):
    key = keyring.create(1)
    keyring.create(2)
    witness = (keyring.folder / "epoch-000001.key").open("rb")  # an open file still reads the inode after unlink
    assert key in witness.read()  # the search can find
    assert keyring.destroy(1) == Ack(1, "file", was_there=True)
    witness.seek(0)
    assert key not in witness.read()
    assert keyring.destroy(1) == Ack(1, "file", was_there=False)
    assert keyring.list() == [2]
    with pytest.raises(KeyringLost):
        keyring.load(1)


def test_killed_while_creating_leaves_no_half_key(keyring, monkeypatch):
    """Killed after the temporary file and before its name: there is no key, and the next create makes one."""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(os, "link", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        keyring.create(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert keyring.list() == []
    assert keyring.create(1) == keyring.load(1)
    assert keyring.list() == [1]


def test_named_secrets_and_epoch_keys_never_share_a_file(keyring):
    pepper = named_secret(keyring.folder, "pepper")
    keyring.create(1)
    keyring.destroy(1)
    assert named_secret(keyring.folder, "pepper") == pepper
    assert keyring.list() == []


def test_threads_that_race_for_a_secret_get_what_its_file_says(tmp_path):
    """It bites: with one temporary name for the whole process, threads cut off or unlink each other's file."""
    for n in range(50):
        got, together = [], threading.Barrier(8)

        def ask(n=n, got=got, together=together):
            together.wait()
            got.append(named_secret(tmp_path, f"s{n}"))

        crowd = [threading.Thread(target=ask) for _ in range(8)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        assert got == [(tmp_path / f"s{n}.secret").read_bytes()] * 8
        assert len(got[0]) == 32
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_secret_of_another_length_is_refused_and_never_replaced(tmp_path, content):
    path = tmp_path / "pepper.secret"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyringLost, match="from a copy"):
        named_secret(tmp_path, "pepper")
    assert path.read_bytes() == content


def test_a_lost_secret_is_not_made_anew_and_a_foreign_one_is_not_taken(tmp_path):
    """It bites: without the list beside the folder both are served in silence."""
    folder = tmp_path / "keys"
    pepper = named_secret(folder, "pepper")
    (folder / "pepper.secret").unlink()
    with pytest.raises(KeyringLost, match="lost"):
        named_secret(folder, "pepper")
    assert not (folder / "pepper.secret").exists()
    named_secret(folder, "another")  # what never was may be made
    write_durably(folder / "pepper.secret", bytes(32))
    with pytest.raises(KeyringLost, match="another installation"):
        named_secret(folder, "pepper")
    (folder / "pepper.secret").write_bytes(pepper)
    assert named_secret(folder, "pepper") == pepper
    assert pepper not in list_of(folder).read_bytes()
    assert pepper.hex() not in list_of(folder).read_text()


def test_a_crash_before_the_list_is_written_is_mended(tmp_path):
    folder = tmp_path / "keys"
    pepper = named_secret(folder, "pepper")
    list_of(folder).unlink()
    assert named_secret(folder, "pepper") == pepper
    assert "pepper" in list_of(folder).read_text()


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    """It bites: `made_once` reading the bytes without a look at the mode."""
    folder = tmp_path / "keys"
    named_secret(folder, "pepper"), rsa_key(folder, "sign-in")
    for name, read in (("pepper.secret", named_secret), ("sign-in.pem", rsa_key)):
        (folder / name).chmod(0o644)
        with pytest.raises(KeyringLost, match="chmod 600"):
            read(folder, name.partition(".")[0])
        (folder / name).chmod(0o600)
        assert read(folder, name.partition(".")[0])
