"""`avow keys …` on the house of the tests: what it says, and that it does what the acts do."""

import pytest
from click.testing import CliRunner
from django.test import override_settings

from avow.host.commands.keys import group
from avow.vault import persons
from avow.vault.enrolment import enrol


@pytest.fixture
def avow_keys(house, tmp_path, monkeypatch):
    from contextlib import nullcontext

    from avow.host.commands import keys

    monkeypatch.setattr(keys, "tables", nullcontext)  # the tests' own server stands
    with override_settings(KEYRING_FOLDER=tmp_path / "keys", KEY_BACKUPS_FOLDER=tmp_path / "key-backups"):
        yield lambda *words: CliRunner().invoke(group, list(words), catch_exceptions=False)


def test_nothing_was_ever_sealed(avow_keys):
    assert "nothing was ever sealed" in avow_keys("status").output
    assert "No new epoch was due" in avow_keys("roll").output


def test_a_roll_at_once_leaves_one_living_epoch_and_says_so(avow_keys, now, tmp_path):
    person = enrol(now=now)
    key = persons.key_of(person)
    said = avow_keys("roll", "--now").output
    assert "Epoch 2 has begun. 5 covers were sealed again." in said
    assert "The key of epoch 1 is destroyed" in said
    assert persons.key_of(person) == key
    lines = avow_keys("status").output.splitlines()
    assert lines[1].split()[:2] == ["2", "current"]
    assert lines[2].split()[:2] == ["1", "destroyed"]
    assert str(tmp_path / "key-backups" / "keys-000002-") in lines[3]
    assert "Written and read back" in avow_keys("backup").output


def test_a_folder_that_cannot_be_written_is_named_and_the_old_key_lives(avow_keys, now, tmp_path):
    enrol(now=now)
    (tmp_path / "key-backups").write_text("a file where the folder should be")
    from avow.errors import NotYet

    with pytest.raises(NotYet, match="set AVOW_KEY_BACKUPS"):
        avow_keys("roll", "--now")
    assert "condemned" in avow_keys("status").output
    (tmp_path / "key-backups").unlink()
    (tmp_path / "key-backups").mkdir(mode=0o700)
    assert "The key of epoch 1 is destroyed" in avow_keys("roll", "--now").output
