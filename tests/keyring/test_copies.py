"""One keyring in several folders: each holds every key, each must answer before one is destroyed, and any gives back a living one.

It bites: a `create` that makes a key where a copy has one already fails `test_a_key_that_only_a_copy_has_is_taken_up`; a `destroy`
that leaves out a folder that is away fails `test_a_copy_that_is_away_stops_destruction`; a sweep that overwrites fails
`test_what_a_kill_left_is_swept_and_a_second_name_of_a_living_key_harms_nobody`.
"""

import os
import shutil
import signal

import pytest

from avow.errors import KeyringLost
from avow.keyring.copies import CopiedKeyring
from avow.keyring.file import FileKeyring
from avow.keyring.port import Ack, Keyring


@pytest.fixture
def folders(tmp_path):
    copies = [tmp_path / "one", tmp_path / "two"]
    for folder in copies:
        folder.mkdir(mode=0o700)
    return [tmp_path / "own", *copies]


@pytest.fixture
def keyring(folders):
    return CopiedKeyring(folders[0], folders[1:])


def test_each_folder_holds_the_same_key(keyring: Keyring, folders):
    key = keyring.create(1)
    assert keyring.create(1) == key == keyring.load(1)
    assert [FileKeyring(folder).load(1) for folder in folders] == [key] * 3
    assert keyring.behind() == {}
    assert keyring.create(2) != key
    assert keyring.list() == [1, 2]


def test_a_disk_that_dies_takes_no_key_with_it(keyring, folders):
    key = keyring.create(1)
    shutil.rmtree(folders[0])
    (folders[1] / "epoch-000001.key").write_bytes(b"damaged")
    assert keyring.load(1) == key
    assert keyring.behind() == {folders[0]: [1]}
    shutil.rmtree(folders[2])
    with pytest.raises(KeyringLost, match="no key for epoch 1"):
        keyring.load(1)


def test_a_key_that_only_a_copy_has_is_taken_up(keyring, folders):
    key = keyring.create(1)
    for folder in folders[:2]:
        (folder / "epoch-000001.key").unlink()
    assert keyring.create(1) == key
    assert [FileKeyring(folder).load(1) for folder in folders] == [key] * 3


def test_a_folder_of_another_installation_is_refused(keyring, folders):
    FileKeyring(folders[2]).create(1)
    FileKeyring(folders[0]).create(1)
    with pytest.raises(KeyringLost, match="another installation"):
        keyring.create(1)


def test_a_copy_that_is_away_stops_destruction(keyring, folders, tmp_path):
    key = keyring.create(1)
    folders[2].rename(tmp_path / "away")
    for act in (keyring.destroy, keyring.create):
        with pytest.raises(KeyringLost, match="two cannot be reached"):
            act(1)
    assert keyring.load(1) == key  # nothing was destroyed
    (tmp_path / "away").rename(folders[2])
    assert keyring.destroy(1) == Ack(1, "file", was_there=True)
    assert not any(FileKeyring(folder).list() for folder in folders)
    assert keyring.destroy(1) == Ack(1, "file", was_there=False)


def test_a_kill_between_two_folders_is_ended_by_the_next_call(keyring, folders):
    """Killed after the first folder, creating and destroying."""
    child = os.fork()
    if child == 0:
        try:
            FileKeyring(folders[0]).create(1)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert keyring.behind() == {folders[1]: [1], folders[2]: [1]}
    keyring.create(1)
    assert keyring.behind() == {}
    FileKeyring(folders[0]).destroy(1)  # what a killed `destroy` leaves
    assert keyring.list() == [1]
    keyring.destroy(1)
    assert keyring.list() == []


def test_what_a_kill_left_is_swept_and_a_second_name_of_a_living_key_harms_nobody(keyring, folders):
    key = keyring.create(1)
    for folder in folders:
        (folder / ".epoch-000001.7.0f.tmp").hardlink_to(folder / "epoch-000001.key")  # killed after the link
        (folder / ".epoch-000002.7.0f.tmp").write_bytes(b"half")
    keyring.sweep()
    kept = {"epoch-000001.key", "copies.known"}
    assert all({path.name for path in folder.iterdir()} <= kept for folder in folders)
    assert [FileKeyring(folder).load(1) for folder in folders] == [key] * 3


def test_a_second_name_that_a_kill_left_dies_with_its_key(keyring, folders):
    key = keyring.create(1)
    left = folders[0] / ".epoch-000001.7.0f.tmp"
    left.hardlink_to(folders[0] / "epoch-000001.key")
    assert key in left.read_bytes()
    keyring.destroy(1)
    assert key not in left.read_bytes()


def test_a_copy_that_is_not_mounted_counts_as_lost_for_nothing(tmp_path):
    """An empty mount point is a folder too: without the list of known copies a key would count as destroyed there."""
    own, disk = tmp_path / "own", tmp_path / "disk"
    disk.mkdir()
    ring = CopiedKeyring(own, [disk])
    ring.create(1)
    away = tmp_path / "away"
    disk.rename(away)
    disk.mkdir()  # what is seen of a mount point while its disk is elsewhere
    for act in (ring.create, ring.destroy):
        with pytest.raises(KeyringLost, match="not mounted"):
            act(2 if act == ring.create else 1)
    assert ring.own.list() == [1]
    disk.rmdir()
    away.rename(disk)
    assert ring.destroy(1).was_there
    assert ring.list() == []


def test_a_disk_that_came_new_is_whole_after_the_next_key(tmp_path):
    own, first, second = (tmp_path / name for name in ("own", "first", "second"))
    first.mkdir()
    CopiedKeyring(own, [first]).create(1)
    second.mkdir()
    ring = CopiedKeyring(own, [first, second])
    assert ring.behind() == {second: [1]}
    ring.create(2)
    assert ring.behind() == {}
    assert FileKeyring(second).load(1) == ring.load(1)
