"""Backups of the key database: whole, sealed, of this installation, and gone with their epoch.

It bites (each was tried): chunks that are bound to no number open when two are swapped; chunks whose mark is bound to nothing
let a backup be ended early.
"""

import shutil

import pytest
from django.test import override_settings

from avow.errors import BadInput, KeyringLost
from avow.vault.enrolment import enrol
from avow.vault.keys import backups, rolling
from avow.vault.keys.models import Epoch, EpochState, PersonSlot


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(backups, "CHUNK", 300)  # so that a few rows fill several


@pytest.fixture
def taken(small, keys, house, now):
    """A backup of several chunks, with three people in it."""
    for _ in range(3):
        enrol(now=now)
    return rolling.back_up(now=now)


def taken_apart(path):
    """Magic and header, and each chunk with its mark and length."""
    content = path.read_bytes()
    at = content.index(b"\n", content.index(b"\n") + 1) + 1
    head, chunks = content[:at], []
    while at < len(content):
        size = 1 + backups.LENGTH + int.from_bytes(content[at + 1 : at + 1 + backups.LENGTH], "big")
        chunks.append(content[at : at + size])
        at += size
    return head, chunks


def test_a_backup_holds_every_table_and_shows_nothing(taken, keys, now):
    assert taken.stat().st_mode & 0o777 == 0o600
    clear = b"".join(backups.opened(taken))
    people = PersonSlot.objects.values_list("person", flat=True)
    assert all(str(person).encode() in clear for person in people)  # the search can find
    assert not any(
        str(person).encode() in taken.read_bytes() or person.bytes in taken.read_bytes() for person in people
    )
    header = backups.header_of(taken)
    assert (header.epoch, header.slots, header.log_size, header.taken_at) == (1, 2, 0, now.isoformat())
    tables = [line for line in clear.splitlines() if line.startswith(b'{"table"')]
    assert b"vault_keys_epoch" in tables[0]  # first, since covers point at it
    assert not any(b"django_migrations" in line for line in tables)  # true of the tables there, not of those to come
    assert len(tables) > 6 and clear.count(b"\\.\n") == len(tables)
    assert backups.every() == [taken]


def swapped(head, chunks):
    return head + b"".join([chunks[1], chunks[0], *chunks[2:]])


def without_its_end(head, chunks):
    return head + b"".join(chunks[:-1])


def ended_early(head, chunks):
    return head + b"".join([*chunks[:-2], backups.LAST + chunks[-2][1:]])


def going_on(head, chunks):
    return head + b"".join(chunks) + b"x"


def of_another_time(head, chunks):
    return head.replace(b'"slots": 2', b'"slots": 9') + b"".join(chunks)


def of_another_kind(head, chunks):
    return b"x" + head[1:] + b"".join(chunks)


def of_no_header(head, chunks):
    return backups.MAGIC + b"{}\n" + b"".join(chunks)


DAMAGE = [swapped, without_its_end, ended_early, going_on, of_another_time, of_another_kind, of_no_header]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_what_was_done_to_it_is_noticed(taken, damage):
    head, chunks = taken_apart(taken)
    assert len(chunks) > 3
    assert head + b"".join(chunks) == taken.read_bytes()  # taken apart and put together it opens
    assert backups.check(taken).epoch == 1
    taken.write_bytes(damage(head, chunks))
    with pytest.raises(BadInput, match="another"):
        backups.check(taken)
    assert not backups.reads_back(later_than=0)


def test_cut_off_anywhere_it_does_not_open(taken):
    whole = taken.read_bytes()
    for length in range(0, len(whole), 97):
        taken.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="another"):
            backups.check(taken)


def test_a_chunk_of_another_backup_of_the_same_epoch_does_not_open(taken, now):
    from datetime import timedelta

    second = rolling.back_up(now=now + timedelta(minutes=1))
    (head, chunks), (_, others) = taken_apart(taken), taken_apart(second)
    taken.write_bytes(head + b"".join([others[0], *chunks[1:]]))
    with pytest.raises(BadInput, match="does not open"):
        backups.check(taken)


def test_another_installations_backup_is_refused(taken, keys, tmp_path):
    """One with the same epoch's key, and other secrets."""
    shutil.copytree(keys.own, tmp_path / "other")
    (tmp_path / "other" / "pepper.secret").unlink()
    with override_settings(KEYRING_FOLDER=tmp_path / "other"):
        with pytest.raises(BadInput, match="another installation"):
            backups.check(taken)
        assert not backups.reads_back(later_than=0)
        assert not backups.covers_who_joined(1)


def test_it_opens_as_long_as_its_epoch_lives_and_goes_with_it(taken, keys, now, tmp_path):
    key, stolen = keys.ring.load(1), tmp_path / taken.name
    shutil.copy(taken, stolen)
    left = taken.with_name(f".{taken.name}.7.tmp")  # killed while writing
    left.touch()
    foreign = taken.with_name("keys-000001-20200101T000000Z.avowkeys")
    foreign.write_bytes(b"of somebody else")
    assert backups.check(stolen).epoch == 1
    rolling.roll(now=now, at_once=True)
    with pytest.raises(KeyringLost, match="opens nothing any more: the key of its epoch 1 was destroyed"):
        backups.check(stolen)
    assert b"".join(backups.opened(stolen, key=key))  # who had kept the key would open it
    assert not taken.exists() and not left.exists() and foreign.exists()
    assert [backups.header_of(path).epoch for path in backups.every() if path != foreign] == [2]


def test_a_backup_by_hand_first_finishes_what_a_killed_roll_left(keys, house, now):
    """It bites: one that was taken at once held covers under a key that dies before its own."""
    enrol(now=now)
    rolling._begin_next(now)
    path = rolling.back_up(now=now)
    assert backups.header_of(path).epoch == 2
    assert dict(Epoch.objects.values_list("number", "state")) == {1: EpochState.CONDEMNED, 2: EpochState.CURRENT}
