"""`avow export` and `avow erase`, as the desk uses them: asked for in a shell, confirmed, with exit statuses."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from avow.evidence import verifier
from avow.host import cli, locking
from avow.host.home import Home
from avow.vault import persons


@pytest.fixture
def avow(optimibi, tmp_path):
    """Run `avow` in a process of its own, on this home, as if `avow up` were running."""
    lock = locking.take(Home(settings.HOME.root).lock)

    def run(*words, typed=""):
        done = subprocess.run(
            [sys.executable, "-m", "avow.host.cli", *map(str, words)],
            input=typed, text=True, capture_output=True, cwd=tmp_path, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done

    yield run
    os.close(lock)


def test_an_export_by_address_from_stdin_is_written_for_its_owner_alone_and_verifies(avow, someone, log_key, tmp_path):
    someone()
    done = avow("export", "-o", "ada.zip", typed="Ada@Example.com\n")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "ada.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert verifier.verify(file.read_bytes(), log_key.vkey)["kind"] == "export"
    assert b"Ada Lovelace" in file.read_bytes()
    assert "ada@example.com" not in done.stdout.lower()


def test_an_export_never_writes_over_a_file(avow, someone, tmp_path):
    from avow.requests.models import Request

    person = someone()
    (tmp_path / "there.zip").write_text("mine")
    for target in ("there.zip", "no/such/folder.zip"):
        assert avow("export", person, "-o", target).returncode == 2
    assert (tmp_path / "there.zip").read_text() == "mine" and not Request.objects.exists()


def test_an_erasure_shows_its_plan_asks_and_prints_the_certificate(avow, someone, log_key, tmp_path):
    person = someone()
    done = avow("erase", person, "-o", "certificate.txt", typed=f"{str(person)[:8]}\n")
    assert done.returncode == 0, done.stderr
    for said in ("The vault", "rows", "Not reached", "/certificates/", "Erased."):
        assert said in done.stdout
    body = verifier.verify((tmp_path / "certificate.txt").read_bytes(), log_key.vkey)["body"]
    assert body["channel"] == "shell" and body["number"] in done.stdout
    assert persons.standing(person).erased_at


@pytest.mark.parametrize("typed", ["", "no\n", "00000000\n"])
def test_without_the_number_nothing_is_erased(avow, someone, typed):
    person = someone()
    assert avow("erase", person, typed=typed).returncode in {1, 130}
    assert persons.standing(person).erasing_since is None


def test_a_plan_changes_nothing_and_yes_asks_nothing(avow, someone):
    person = someone()
    planned = avow("erase", person, "--plan")
    assert planned.returncode == 0 and persons.standing(person).erasing_since is None
    assert avow("erase", person, "--yes").returncode == 0
    assert persons.standing(person).erased_at
    again = avow("erase", person, "--yes")
    assert again.returncode == 1 and "erased" in again.stderr
    assert avow("export", person).returncode == 1


def test_who_is_unknown_and_what_names_nobody_are_told_apart(avow):
    assert avow("erase", uuid4(), "--yes").returncode == 1
    assert avow("export", "nobody@example.com").returncode == 1
    assert avow("export", "ada").returncode == 2


def test_both_are_in_the_list_of_commands():
    assert {"export", "erase"} <= {name for rows in cli.COMMANDS.values() for name, _, _ in rows}


def test_a_mail_is_taken_in_by_hand_once_and_says_its_case(avow, someone):
    from avow.requests.models import Case

    someone()
    letters = Path(__file__).parent / "letters"
    done = avow("mail", "receive", letters / "question.eml")
    assert done.returncode == 0, done.stderr
    assert f"Case {Case.objects.get().number}: question" in done.stdout
    assert "Filed without a case" in avow("mail", "receive", letters / "question.eml").stdout
    assert "no-text" in avow("mail", "receive", letters / "attachment.eml").stdout
    for wrong in ("nothing.eml", "."):
        assert avow("mail", "receive", wrong).returncode == 2
    assert Case.objects.count() == 1
