"""Whatever ends a command, a person reads one sentence; developers find types and lines, and no one's data."""

import errno
import resource
import subprocess
import sys

import psycopg
import pytest

from avow.errors import NoSpace, PolicyUnreadable
from avow.host import cli
from avow.host.home import Home
from avow.host.reporting import guarded

PLANTED = "ada.lovelace@example.com"


def raising(raised):
    def act():
        raise raised

    return act


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [
        (PolicyUnreadable("Line 3 is no Markdown; correct it."), 2, "Line 3 is no Markdown; correct it."),
        (NoSpace("full"), 69, "full"),
        (OSError(errno.ENOSPC, "No space left on device"), 69, "No space is left"),
        (psycopg.errors.DiskFull("x"), 69, "No space is left"),
        (psycopg.OperationalError(PLANTED), 69, "does not answer"),
        (PermissionError(errno.EACCES, "Permission denied", "/some/file"), 69, "/some/file"),
        (ValueError(PLANTED), 70, "a fault in Avow"),
    ],
)
def test_each_end_has_its_sentence_and_status(tmp_path, capsys, raised, status, words):
    assert guarded(raising(raised), home=Home(tmp_path)) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert PLANTED not in said.err


def test_a_refusal_is_found_under_what_it_caused(tmp_path, capsys):
    def act():
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as full:
            raise ValueError(PLANTED) from full

    assert guarded(act, home=Home(tmp_path)) == 69


def test_a_fault_is_described_in_the_home_without_its_text(tmp_path, capsys):
    guarded(raising(ValueError(PLANTED)), home=Home(tmp_path))
    described = (tmp_path / "faults.log").read_text()
    assert "builtins.ValueError" in described
    assert "test_reporting_and_cli.py" in described
    assert PLANTED not in described
    assert (tmp_path / "faults.log").stat().st_mode & 0o077 == 0


def test_where_there_is_no_home_a_fault_is_described_on_the_spot(tmp_path, capsys):
    guarded(raising(ValueError(PLANTED)), home=Home(tmp_path / "none"))
    assert "builtins.ValueError" in capsys.readouterr().err


def test_every_command_in_the_table_loads_and_says_what_it_does(capsys):
    listed = [(name, place) for rows in cli.COMMANDS.values() for name, place, _ in rows]
    for name, _ in [row for row in listed if cli.there(row[1])]:
        assert cli.run([name, "--help"]) == 0
        assert "Usage: avow" in capsys.readouterr().out


def test_help_is_grouped_and_quick():
    words = [sys.executable, "-m", "avow.host.cli", "--help"]
    subprocess.run(words, check=True, capture_output=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)  # the processor's time: what else runs does not count
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2, "0.2 s on a quiet machine"
    assert "\nRun:" in printed
    assert "\nDesk:" in printed
    assert "\n  worker" not in printed
    assert all(len(line) <= 100 for line in printed.splitlines())
    heavy = "import sys, avow.host.cli; print([m for m in ('django.db', 'psycopg.pq.x', 'granian', 'procrastinate') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, check=False, text=True).stdout == "[]\n"


@pytest.mark.parametrize("words", [["no-such-command"], ["up", "--port", "x"], ["up", "--no-such-option"]])
def test_a_wrong_call_is_told_how(capsys, words):
    assert cli.run(words) == 2
    assert "Traceback" not in capsys.readouterr().err
