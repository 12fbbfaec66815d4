"""
A Postfix of its own on loopback: it takes mail into its queue, on disk, and throws it away at the end of its own path.

Why `discard` and no server behind it: what is measured and counted is the handing over to a relay; where a relay hands
on to is its own affair. And why its log is the count: Postfix writes there what it took, apart from anything of ours.

    cleanup   ID: message-id=<…>     it read the header; the connection may yet end
    discard   ID: … status=sent      the mail with this ID was whole, lay in the queue, and was delivered

Run as a program: `python -m bench._postfix FOLDER` starts what was set up there, and when its standard input ends, also
by a kill -9 of whoever holds the other end, ends it and removes the folder. (Postfix changes its user, and the kernel
then forgets that it asked to die with its parent.)

Holds:    it writes below that folder alone (queue, data, configuration, log) and listens on 127.0.0.1; the system's own
          Postfix is not touched.
Assumes:  root, as Postfix does, and Debian's package (scripts/parts).
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

DAEMONS = "/usr/lib/postfix/sbin"
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
mail_owner = postfix
setgid_group = postdrop
enable_long_queue_ids = yes
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
default_transport = discard:
local_transport = discard:
relay_transport = discard:
virtual_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject
"""
SERVICES = (
    "127.0.0.1:{port} inet n - n - - smtpd", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite", "proxymap unix - - n - - proxymap", "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "error unix - - n - - error",
    "retry unix - - n - - error", "discard unix - - n - - discard", "anvil unix - - n - 1 anvil",
    "postlog unix-dgram n - n - 1 postlogd",
)  # fmt: skip
READ = re.compile(r" ([0-9A-Za-z]{6,}): message-id=<([0-9a-f]+)@")
DELIVERED = re.compile(r"/discard\[\d+\]: ([0-9A-Za-z]{6,}): .*status=sent")
SIZE = re.compile(r"/qmgr\[\d+\]: [0-9A-Za-z]{6,}: from=.*, size=(\d+),")
STILL, PATIENCE = 3.0, 300.0  # seconds without a line after which it is done; seconds for all


@dataclass(frozen=True)
class Postfix:
    """One that runs."""

    port: int
    log: Path
    queue: Path

    def idents(self) -> list[str]:
        """Return the Message-IDs of what it delivered, each as often as it did, once nothing is in its queue."""
        self.settle()
        text = self.log.read_text("utf-8", "replace")
        known = dict(READ.findall(text))
        return [known[queued] for queued in DELIVERED.findall(text) if queued in known]

    def sizes(self) -> list[int]:
        """Return the sizes of what it took, as it counts them."""
        return [int(size) for size in SIZE.findall(self.log.read_text("utf-8", "replace"))]

    def settle(self) -> None:
        """Wait until its queue is empty and its log has been still for a moment."""
        began, before, since = time.monotonic(), -1, time.monotonic()
        while self._waiting() or time.monotonic() - since < STILL:
            assert time.monotonic() - began < PATIENCE, "Postfix did not deliver what it took"
            if (length := self.log.stat().st_size) != before:
                before, since = length, time.monotonic()
            time.sleep(0.2)

    def _waiting(self) -> bool:
        return any(
            path.is_file() for name in ("incoming", "active", "deferred") for path in (self.queue / name).rglob("*")
        )


@contextmanager
def postfix(port: int) -> Iterator[Postfix]:
    """Run one on this port until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="avow-bench-postfix-"))
    keeper = subprocess.Popen([sys.executable, "-m", "bench._postfix", str(folder)], stdin=subprocess.PIPE)
    try:
        _set_up(folder, port)
        assert keeper.stdin is not None
        keeper.stdin.write(b"start\n")
        keeper.stdin.flush()
        _wait(port, keeper)
        yield Postfix(port, folder / "log", folder / "queue")
    finally:
        keeper.communicate()


def source(port: int, mails: int, *, size: int, connections: int) -> float:
    """Send mails of this size by Postfix's own smtp-source, over connections that stay open; return the seconds."""
    command = [
        _program("smtp-source"), "-d", "-s", str(connections), "-m", str(mails), "-l", str(size),
        "-f", "info@example.com", "-t", "ada@example.com", f"127.0.0.1:{port}",
    ]  # fmt: skip
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def _set_up(folder: Path, port: int) -> None:
    """Write its configuration, and have Postfix make and check its queue."""
    folder.chmod(0o755)
    for name in ("conf", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    places = {"folder": folder, "commands": Path(_program("postfix")).parent, "daemons": DAEMONS}
    (folder / "conf" / "main.cf").write_text(MAIN.format(**places))
    (folder / "conf" / "master.cf").write_text("\n".join(SERVICES).format(port=port) + "\n")
    check = [_program("postfix"), "-c", str(folder / "conf"), "check"]
    subprocess.run(check, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def keep(folder: Path) -> None:
    """Run its master from the first line of our input to its end; then remove the folder."""
    try:
        if sys.stdin.readline():
            _run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path) -> None:
    quiet = subprocess.DEVNULL
    command = [f"{DAEMONS}/master", "-s", "-c", str(folder / "conf")]
    master = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        sys.stdin.read()
    finally:
        master.terminate()
        with suppress(subprocess.TimeoutExpired):
            master.wait(10)
        with suppress(ProcessLookupError):  # whatever is left of its process group, which is its own
            os.killpg(master.pid, signal.SIGKILL)
        master.wait()


def _wait(port: int, keeper: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert keeper.poll() is None, "Postfix did not start; it needs root and Debian's package postfix"
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("Postfix does not listen")


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise SystemExit(f"This needs {name} of Debian's package postfix.")
    return found


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for whoever holds the other end, and then ends our input
    keep(Path(sys.argv[1]))
