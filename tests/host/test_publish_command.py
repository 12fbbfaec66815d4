"""`avow policy publish` in a process of its own: what it says before, what it refuses, and what stands afterwards."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from avow.communications import announcing
from avow.communications.models import PolicyNotice
from avow.evidence import versions
from avow.host import locking
from avow.host.home import Home
from avow.people import desk
from avow.people.desk_roles import Role
from tests.communications.changing import newer


@pytest.fixture
def publish(ada, tmp_path):
    lock = locking.take(Home(settings.HOME.root).lock)

    def run(days, *words):
        raw, table = newer((datetime.now(UTC) + timedelta(days=days)).date())
        (tmp_path / "next.md").write_bytes(raw)
        (tmp_path / "next.toml").write_bytes(table)
        said = ["policy", "publish", "next.md", "--clauses", "next.toml", *words]
        return subprocess.run(
            [sys.executable, "-m", "avow.host.cli", *said],
            text=True, capture_output=True, cwd=tmp_path, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip

    yield run
    os.close(lock)


@pytest.fixture
def officers(somebody):
    """Two of them, by their numbers."""
    made = [somebody(f"{name}@example.com").join().person for name in ("one", "two")]
    for each in made:
        desk.give(each, Role.OFFICER, now=datetime.now(UTC))
    return [str(each) for each in made]


def test_it_is_looked_at_refused_when_too_near_and_published_once(publish, officers, ada):
    near = publish(3)
    assert near.returncode == 2 and "date it" in near.stderr and "Traceback" not in near.stderr
    dry = publish(31, "--dry-run")
    assert dry.returncode == 0 and "As a whole: widening" in dry.stdout and "3 accounts" in dry.stdout
    assert len(versions.all_versions()) == 1
    alone = publish(31)
    assert alone.returncode == 1 and "takes two officers" in alone.stderr and len(versions.all_versions()) == 1
    one, two = officers
    put = publish(31, "--as", one)
    assert put.returncode == 0 and "Another officer publishes it" in put.stdout and len(versions.all_versions()) == 1
    assert publish(31, "--as", one, "--as", one).returncode == 1
    assert publish(31, "--as", str(ada.person), "--as", one).returncode == 1, "ada is none"
    done = publish(31, "--announce", "We may write about offers of partners.", "--as", one, "--as", two)
    assert done.returncode == 0 and "version 2" in done.stdout, done.stderr
    assert announcing.newest()[0].text == "We may write about offers of partners."
    assert PolicyNotice.objects.count() == 3
    again = publish(31)
    assert again.returncode == 2 and "published already" in again.stderr
