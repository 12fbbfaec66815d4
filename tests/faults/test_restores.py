"""
The four restores of docs/howto/restore.md, run as the page has them, on a home that people really use.

It bites: each was tried. A fence that finds nothing lets the erased sign in after 1 and 3; a `restore` without the index
shuts out who joined since the keys of 2 were copied; a `named_secret` that makes what is lost lets `avow up` begin with 4.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from avow.policy.promises import Promise
from tests.faults.house import REPOSITORY, House, environment, free_port

pytestmark = pytest.mark.proves(Promise.DE_IDENTIFY)
PAGE = (REPOSITORY / "docs" / "howto" / "restore.md").read_text()
BLOCK = re.compile(r"<!-- run: (.+?) -->\n```sh\n(.+?)```", re.DOTALL)
COMMANDS = dict(BLOCK.findall(PAGE))
STAYED, ERASED, JOINED = "bo", "ada", "dora"
UP = re.compile(r"^avow up$", re.MULTILINE)


class Place:
    """A home and the folder of its copies."""

    def __init__(self, root, **more):
        self.root, self.home, self.copies = Path(root), Path(root) / "home", Path(root) / "copies"
        self.more = more

    def environment(self):
        known = {"COPIES": str(self.copies), "AVOW_HOSTS": "testserver", "PORT": str(free_port()), **self.more}
        if (self.copies / "keyring").exists():
            known |= {
                "AVOW_KEYRING_COPIES": f"{self.copies}/keyring", "AVOW_KEY_BACKUPS": f"{self.copies}/key-backups",
            }  # fmt: skip
        found = environment(self.home, **known)
        return found | {"PATH": f"{Path(sys.executable).parent}:{found['PATH']}"}

    def run(self, script, *, status=0):
        """Run a block of commands as a shell does that stops at the first failure."""
        done = subprocess.run(
            ["bash", "-e", "-c", script], env=self.environment(), capture_output=True, text=True, cwd=REPOSITORY,
            check=False,
        )  # fmt: skip
        assert done.returncode == status, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def live(self, *words):
        said = self.run(f"{sys.executable} -m tests.faults.living {' '.join(words)}").splitlines()
        return json.loads(next(line for line in said if line.startswith("{")))

    def copy(self, root):
        """Copy all but the old server's folder, which is large and which one case needs."""
        other = Place(root)
        other.copies.mkdir(parents=True)
        subprocess.run(["cp", "-a", self.home, other.home], check=True)
        kept = [path for path in self.copies.iterdir() if path.name != "pg"]
        subprocess.run(["cp", "-a", "-t", other.copies, *kept], check=True)
        return other


@pytest.fixture(scope="module")
def today(lay, tmp_path_factory):
    """A home as it is today, with the copies of an earlier day: since then Ada was erased and Dora joined."""
    place = Place(tmp_path_factory.mktemp("restores") / "today")
    place.root.mkdir()
    lay(place.home)
    with (place.home / "pg/data/postgresql.conf").open("a") as conf:
        conf.write("\nfsync = off\nfull_page_writes = off\n")
    place.copies.mkdir()
    place.run(COMMANDS["keep"])
    place.live("join", ERASED, STAYED)
    place.run(COMMANDS["daily"] + 'avow restore database -- pg_dump -Fc -f "$COPIES/keys.dump" avow_keys')
    subprocess.run(["cp", "-a", place.home / "pg", place.copies / "pg"], check=True)
    place.live("join", JOINED, "and", "erase", ERASED)
    return place


@pytest.fixture
def here(today, tmp_path):
    """A copy of it, to break."""
    place = today.copy(tmp_path / "here")
    yield place
    shutil.rmtree(place.root)


def written(name):
    """The page's commands for one case, but for the last, which does not come back."""
    assert UP.search(COMMANDS[name]), "each case ends with the start"
    return UP.sub("", COMMANDS[name])


def looked(place, *, joined):
    """Who was erased is unknown; who stayed signs in and opens; who joined since does so where the data is today's."""
    found = place.live("look", ERASED, STAYED, JOINED)
    unknown = {"signs in": False, "name": None}
    assert found["log"] is None
    assert found[ERASED] == unknown
    assert found[STAYED] == {"signs in": True, "name": f"{STAYED} of Example"}
    assert found[JOINED] == ({"signs in": True, "name": f"{JOINED} of Example"} if joined else unknown)


def test_old_data_and_todays_keys(here):
    said = here.run(written("old data, today's keys"))
    assert "forgets again who was erased" in said
    looked(here, joined=False)


def test_todays_data_and_old_keys(here):
    here.run('avow restore database -- pg_restore --clean --create -d postgres "$COPIES/keys.dump"')
    refused = here.run('avow up --port "$PORT"', status=69)
    assert "can be derived again" in refused
    assert "avow restore" in refused
    assert "Traceback" not in refused
    here.run(written("today's data, old keys"))
    looked(here, joined=True)


def test_both_old(today, here):
    (here.copies / "pg").symlink_to(today.copies / "pg")
    said = here.run(written("both old"))
    assert "seen.json saw on" in said
    looked(here, joined=False)


def test_the_keyring_is_lost(here):
    shutil.rmtree(here.home / "keys")
    refused = here.run("avow restore --plan", status=69)
    assert "is lost" in refused
    assert not list((here.home / "keys").glob("*")), "nothing was made in its place"
    assert "nothing to restore" in here.run(written("the keyring is lost"))
    looked(here, joined=True)


def test_old_data_on_a_server_of_ones_own(theirs, tmp_path):
    """With `pg_dump` and `pg_restore` used directly, as the page says; by an administrator who is no superuser of theirs."""
    cluster, dsn = theirs
    place = Place(tmp_path / "here", AVOW_DSN=dsn)
    place.copies.mkdir(parents=True)
    house = House(place.home, AVOW_DSN=dsn).start()
    assert house.stop() == 0
    place.run(COMMANDS["keep"])
    place.live("join", ERASED, STAYED)
    named = {"PGHOST": cluster.socket, "PGPORT": "5432", "PGUSER": "postgres", "PGPASSWORD": cluster.password}
    beside = "".join(f"export {name}='{value}'\n" for name, value in named.items())
    beside += f"export PATH={cluster.binaries.folder}:$PATH\n"
    place.run(beside + 'pg_dump -Fc -f "$COPIES/avow.dump" avow')
    place.live("join", JOINED, "and", "erase", ERASED)
    place.run(beside + 'pg_restore --clean --create -d postgres "$COPIES/avow.dump"')
    refused = place.run('avow up --port "$PORT"', status=69)
    assert "avow restore" in refused
    assert "hunter2" not in refused
    assert "forgets again who was erased" in place.run("avow restore --yes")
    looked(place, joined=False)
