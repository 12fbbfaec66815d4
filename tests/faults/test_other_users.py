"""An ordinary user can run everything; a user id without a name is told what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.house import REPOSITORY, House, ended, environment

pytestmark = pytest.mark.needs("root")
NOBODY, NAMELESS = 65534, 61999


PATHS = os.pathsep.join([str(REPOSITORY), *(path for path in sys.path if path.endswith("site-packages"))])
SYSTEM = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def interpreter(as_user):
    """A Python that this user can run Avow with: the virtual environment's own may lie behind a closed folder."""
    for program in (sys.executable, SYSTEM):
        asked = ["sh", "-c", f"PYTHONPATH={PATHS} exec {program} -c 'import avow.host.starting'"]
        if not subprocess.run([*as_user, *asked], capture_output=True, check=False, cwd="/").returncode:
            return program
    return None


@pytest.fixture
def become():
    """The words that run a command as another user, and a folder of that user's."""
    if os.geteuid():
        pytest.skip("needs root, to become someone else")
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv (util-linux)")
    made = []

    def words(uid):
        as_user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        if not interpreter(as_user):
            pytest.skip("no Python of this version, or this checkout, is open to other users")
        folder = Path(tempfile.mkdtemp(prefix="avow-user-"))
        os.chown(folder, uid, uid)
        made.append(folder)
        return as_user, folder

    yield words
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def owners(home):
    """Whose the files below a home are, of those that do not go away while we look."""
    found = set()
    for folder, folders, files in os.walk(home):
        for name in [*folders, *files]:
            with suppress(FileNotFoundError):
                found.add(Path(folder, name).lstat().st_uid)
    return found


@pytest.mark.parametrize("source", ["system", "wheel"])
def test_an_ordinary_user_serves_with_either_postgresql(become, source):
    as_user, folder = become(NOBODY)
    house = House(
        folder / "home", prefix=as_user, python=interpreter(as_user), PYTHONPATH=PATHS, AVOW_POSTGRES=source
    ).start()
    whole = set(house.tree())
    assert f"({source})" in house.said
    assert house.serves()
    assert owners(house.home) == {NOBODY}
    assert house.home.stat().st_mode & 0o077 == 0
    assert house.stop() == 0
    ended(whole)


def test_root_serves_with_the_wheel_alone(tmp_path):
    if os.geteuid():
        pytest.skip("needs root")
    house = House(tmp_path / "home", AVOW_POSTGRES="wheel").start()
    assert "(wheel)" in house.said
    assert house.stop() == 0


def test_a_user_id_without_a_name_is_told_what_to_do(become):
    as_user, folder = become(NAMELESS)
    house = House(folder / "home", prefix=as_user, python=interpreter(as_user), PYTHONPATH=PATHS).start(wait=False)
    assert house.process.wait(180) == 69
    assert "/etc/passwd" in house.said
    assert "AVOW_DSN" in house.said
    doctor = subprocess.run(
        [*as_user, interpreter(as_user), "-m", "avow.host.cli", "doctor"],
        env=environment(folder / "home", PYTHONPATH=PATHS), capture_output=True, check=False, text=True, cwd="/",
    )  # fmt: skip
    assert doctor.returncode == 1
    assert "/etc/passwd" in doctor.stdout
