"""scripts/parts names what lacks, installs nothing as an ordinary user, and fails only where CI asked for everything."""

import os
import subprocess
from pathlib import Path

import pytest

PARTS = Path(__file__).resolve().parents[2] / "scripts" / "parts"


def run(path, **more):
    return subprocess.run(
        ["/bin/bash", PARTS],
        env={"PATH": str(path), "AVOW_PARTS": "look", **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare(tmp_path):
    """A machine with a shell and nothing else."""
    (tmp_path / "bash").symlink_to("/bin/bash")
    return tmp_path


def test_where_all_is_there_it_says_nothing(bare):
    for name in ("ls", "initdb", "chromium", "node", "npm"):
        (bare / name).write_text("#!/bin/sh\nexit 0\n")
        (bare / name).chmod(0o755)
    done = run(bare)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_lacks_is_named_with_its_package(bare):
    done = run(bare)
    assert done.returncode == 0
    assert "Missing here: " in done.stdout
    assert "Chromium" in done.stdout
    assert "apt-get install" in done.stdout


def test_with_ci_a_missing_part_fails(bare):
    assert run(bare, CI="true").returncode == 1


def test_it_may_be_run():
    assert os.access(PARTS, os.X_OK)
