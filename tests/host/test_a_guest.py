"""A guest of the process tree gets nothing of our environment, and cannot keep the service from starting.

It bites: with deaths counted for guests as well, the start is given up; with our own environment the home reaches it (tried).
"""

import pytest

from avow.errors import Unavailable
from avow.host.announcing import Announcer
from avow.host.children import Child, plain
from avow.host.supervising import TRIES, Tree
from avow.host.waking import Waker


class Dying(Child):
    """A child that dies each time it is started."""

    def start(self):
        self.deaths += 1


class Answering:
    """A database server that lives."""

    def alive(self):
        return True


def tree_of(tmp_path, *, guest):
    child = Dying("x", ("x",), 1.0, lock=0, clock=lambda: 0.0, guest=guest, deaths=TRIES)
    return Tree(tmp_path, Answering(), [child], Waker(), Announcer(), print)


def test_a_guest_that_keeps_dying_does_not_stop_the_start(tmp_path):
    looks = iter([False, False, True])
    tree_of(tmp_path, guest=True).open(lambda: next(looks))
    with pytest.raises(Unavailable):
        tree_of(tmp_path, guest=False).open(lambda: False)


def test_a_guest_is_given_what_is_named_and_nothing_of_ours(monkeypatch):
    for name in ("AVOW_HOME", "AVOW_DSN", "AVOW_MAIL_RELAY", "HTTP_PROXY", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "ours")
    given = plain(AVOW_URL="http://127.0.0.1:8000")
    assert given["AVOW_URL"] == "http://127.0.0.1:8000"
    assert "PATH" in given
    assert "ours" not in given.values()
