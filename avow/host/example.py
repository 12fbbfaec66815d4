"""
The company's application beside Avow: `examples/optimibi` on the next port, so that there is a use to see kept.

Why a child of the supervisor: one command starts both, one Ctrl-C ends both, and neither outlives the other.

Holds:    it runs only in the demo and only on this machine. It is another company's program: its environment holds what
          is named here and nothing of ours, neither the home nor a relay's password. Whatever keeps it from running is
          said in one line, and Avow runs without it.
"""

import importlib.util
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import avow
from avow.host.home import Home
from avow.host.supervising import Tree, answers, is_free
from avow.keyring.secret import named_secret

BESIDE = Path(avow.__file__).parent.parent
FOLDERS = ("examples/optimibi", "sdk/python/avow_sdk")
NEEDS = ("flask", "authlib", "requests")
LOOPBACK = ("127.0.0.1", "localhost")
FEATURES = ("export-csv", "report-by-text", "compare-years")  # as its pages name them in data-avow-feature
CLIENT = "client-optimibi"  # the secret with which it signs in, in the home's keyring
PATIENCE = 60.0  # seconds for its first answer


@dataclass(frozen=True)
class Example:
    """The application that can run."""

    port: int

    @property
    def address(self) -> str:
        """Where people find it."""
        return f"http://127.0.0.1:{self.port}"


def look(listen: str, port: int, *, beside: Path = BESIDE) -> tuple[Example | None, str]:
    """Return the example, or None and why there is none; the reason is empty when nobody wants one."""
    if not is_wanted():
        return None, ""
    if why := in_the_way(listen, port, beside):
        return None, why
    return Example(port + 1), ""


def is_wanted() -> bool:
    """Tell whether this is a demo, and one with its example."""
    off = "0" in {os.environ.get("AVOW_EXAMPLE", "1"), os.environ.get("DEMO", "1")}
    mail_leaves = os.environ.get("AVOW_MAIL_RELAY") or os.environ.get("AVOW_MAIL_PROVIDER")
    return not off and not mail_leaves


def in_the_way(listen: str, port: int, beside: Path) -> str:
    """Return what keeps the example from running, or nothing."""
    if listen not in LOOPBACK or urlsplit(base_url(port)).hostname not in LOOPBACK:
        return "it runs beside an Avow at 127.0.0.1 only"
    if missing := [folder for folder in FOLDERS if not (beside / folder).is_dir()]:
        return f"there is no folder {missing[0]}, which comes with the source"
    if missing := [name for name in NEEDS if importlib.util.find_spec(name) is None]:
        return f"its packages are missing ({', '.join(missing)}); install avow[example]"
    return "" if is_free(port + 1) else f"port {port + 1} is taken; choose another pair with PORT="


def base_url(port: int) -> str:
    """Return the address of Avow, as its settings have it."""
    return os.environ.get("AVOW_BASE_URL") or f"http://127.0.0.1:{port}"


def settings(
    example: Example, home: Home, port: int, more: Mapping[str, str], *, beside: Path = BESIDE
) -> dict[str, str]:
    """Return the environment of its process: where things are, and the secrets that are its own."""
    return {
        "AVOW_URL": base_url(port),
        "AVOW_HOST_KEY": os.environ.get("AVOW_HOST_KEY") or named_secret(home.keys, "host").hex(),
        "OPTIMIBI_CLIENT_SECRET": named_secret(home.keys, CLIENT).hex(),
        "PORT": str(example.port),
        "PYTHONPATH": os.pathsep.join([str(beside / "examples"), str(beside / "sdk" / "python")]),
        **{name: _told(home, name, value) for name, value in more.items()},
    }


def _told(home: Home, name: str, value: str) -> str:
    """Return what a variable says: a secret is read from the keyring, where its name is all that was passed here."""
    return named_secret(home.keys, value).hex() if name.endswith("_SECRET") else value


def say(tree: Tree, beside: Example | None, why_not: str) -> None:
    """Say where the example serves, once it does, or why it does not; nothing when nobody wants one."""
    if beside and not comes_up(tree, beside):
        why_not = "it does not answer; what it said stands above, and it is started again"
    if beside and not why_not:
        tree.announce.say(f"Optimibi, an application that signs people in through it, is at {beside.address}")
    elif why_not and not tree.waker.asked:
        tree.announce.say(f"Without Optimibi, the example: {why_not}.")


def comes_up(tree: Tree, beside: Example) -> bool:
    """Wait for its first answer, looking after the tree meanwhile."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not tree.waker.asked and tree.why is None:
        if answers("127.0.0.1", beside.port, "/docs"):
            return True
        tree.look_after()
        tree.waker.wait(0.05)
    return False
