"""
Every file below the home is declared by a room, and closed to others where its kind says so.

It bites (each tried): a pattern whose `*` crosses folders lets a file in a folder of its own through; without the look at
the mode an open secret passes; a walk that follows links counts what lies elsewhere.
"""

import pytest

from avow.vault import catalogue, files
from avow.vault.catalogue import Erasure, FileKind


def kind(pattern, **more):
    return FileKind(pattern, "", "a test", Erasure.NOT_PERSONAL, **more)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with a file of several kinds, as a running Avow leaves it."""
    from types import SimpleNamespace

    from django.conf import settings

    for path in (
        "lock", "pg/pw", "pg/data/base/1/1259", "keys/pepper.secret", "keys/epoch-000001.key", "keys/segments/ab.key",
        "keys/client-optimibi.secret", "key-backups/2026-11-30.avowkeys", "usage/lake/day=2026-11-30/ab.parquet",
        "usage/lake/manifest-00000001.json", "static/avow/avow.css", "mail/in/late.eml", "log.vkey",
    ):  # fmt: skip
        lay(tmp_path, path, 0o644 if path.startswith(("static", "mail", "log")) else 0o600)
    for folder in ("pg/data", "static"):
        (tmp_path / folder).chmod(0o700 if folder == "pg/data" else 0o755)
    monkeypatch.setattr(settings, "HOME", SimpleNamespace(root=tmp_path))
    return tmp_path


def lay(root, path, mode=0o600):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"x")
    (root / path).chmod(mode)
    return root / path


STRAYS = (
    "notes.txt", "keys/pepper.secret.old", "keys/nobodys.secret", "usage/lake/day=2026-11-30/of/ab.parquet",
    "usage/lake/.tmp/duckdb_temp_storage-0.tmp", "key-backups/dump.sql", "pg/core", "spool/ab.open",
)  # fmt: skip


def test_a_file_that_nobody_declared_is_seen(home, shown_to_fail):
    with shown_to_fail("every-file-is-declared", how="files are added to the home, and a secret is opened") as trial:
        trial.holds()
        for path in STRAYS:
            stray = lay(home, path)
            assert f"{path}, which no room declares" in trial.fails()
            stray.unlink()
        trial.holds()
        for path in ("keys/pepper.secret", "key-backups/2026-11-30.avowkeys", "pg/data"):
            mode = (home / path).stat().st_mode
            (home / path).chmod(0o755)
            assert f"{path}, which others than its owner may open" in trial.fails()
            (home / path).chmod(mode)
        trial.holds()


def test_a_kind_that_is_taken_from_the_catalogue_is_missed(home, monkeypatch):
    from avow.vault.checks import every_file_is_declared

    monkeypatch.delitem(catalogue.FILES, "keys/epoch-*.key")
    assert "keys/epoch-000001.key, which no room declares" in every_file_is_declared(None)


def test_a_folder_declared_as_a_whole_is_not_walked(tmp_path):
    """However much lies in it; a link stands for a folder that was moved to another disk, and is not followed."""
    for number in range(3):
        lay(tmp_path, f"whole/{number}/deep", 0o644)
    (tmp_path / "whole").chmod(0o700)
    (tmp_path / "moved").symlink_to(tmp_path / "whole")
    kinds = (kind("whole/**"), kind("moved/**"))
    assert [path for path, _ in files._below(tmp_path, "", kinds)] == ["moved", "whole"]
    assert files.astray(tmp_path, kinds) == []
    assert len(files.astray(tmp_path, kinds[:1])) == 1, "a link to a folder is a file like any other"
    assert len(files.astray(tmp_path, ())) == 4


def test_too_many_are_said_to_be_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST", 2)
    for number in range(4):
        lay(tmp_path, f"{number}")
    assert files.astray(tmp_path, (kind("*"),)) == ["more than 2 files, of which the rest was not looked at"]


def test_what_goes_while_we_look_is_no_fault(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    walk = files._below(tmp_path, "", ())
    gone.rmdir()
    assert list(walk) == [] and files.astray(gone, ()) == []


def test_two_rooms_cannot_own_one_kind():
    one = next(iter(catalogue.files()))
    catalogue.register_files(one)
    with pytest.raises(ValueError, match="one room must own them"):
        catalogue.register_files(FileKind(one.pattern, "", "another reason", Erasure.AGGREGATE))


def test_each_kind_says_why_and_names_a_store_that_there_is():
    from avow.vault import stores

    names = {store.name for store in stores.stores()}
    for one in catalogue.files():
        assert one.why and (not one.store or one.store in names), one
        if one.erasure in {Erasure.SEALED, Erasure.PASSING} and not one.pattern.startswith("pg/"):
            assert one.store, f"{one.pattern} holds personal data and no store forgets it"
