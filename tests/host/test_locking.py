"""One Avow per home, and leftovers of a killed one are waited for. Without `started` in the comparison the last test fails."""

import os
import subprocess
import sys

import pytest

from avow.errors import HomeInUse
from avow.host import locking


def test_a_second_taker_is_told_who_holds_it(tmp_path):
    lock = locking.take(tmp_path / "lock")
    with pytest.raises(HomeInUse, match=str(os.getpid())):
        locking.take(tmp_path / "lock")
    os.close(lock)
    os.close(locking.take(tmp_path / "lock"))


def test_what_is_left_of_a_killed_one_is_waited_for(tmp_path):
    lock = locking.take(tmp_path / "lock")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.6)"], pass_fds=[lock])
    (tmp_path / "lock").write_text("999999 1")  # its supervisor is gone
    os.close(lock)
    os.close(locking.take(tmp_path / "lock", patience=120))
    assert child.wait(60) == 0


def test_patience_ends_with_a_sentence(tmp_path):
    lock = locking.take(tmp_path / "lock")
    (tmp_path / "lock").write_text("999999 1")
    with pytest.raises(HomeInUse, match="left of an Avow"):
        locking.take(tmp_path / "lock", patience=0.2)
    os.close(lock)


def test_a_pid_that_was_given_to_another_process_is_not_taken_for_the_holder(tmp_path):
    (tmp_path / "lock").write_text(f"{os.getpid()} 1")
    assert locking.holder(tmp_path / "lock") is None
    (tmp_path / "lock").write_text(f"{os.getpid()} {locking.started(os.getpid())}")
    assert locking.holder(tmp_path / "lock") == os.getpid()
