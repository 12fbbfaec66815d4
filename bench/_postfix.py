"""A Postfix of its own on loopback, as a relay: it takes mail into its queue, on disk, and hands it on to a sink."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
maillog_file = /var/log/avow-bench-postfix.log
myhostname = relay.example
alias_maps =
"""
SERVICES = (
    "127.0.0.1:{port} inet n - n - - smtpd", "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "flush unix n - n 1000? 0 flush",
    "smtp unix - - n - - smtp", "relay unix - - n - - smtp", "error unix - - n - - error",
    "retry unix - - n - - error", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
)  # fmt: skip


@contextmanager
def postfix(port: int, sink: int) -> Iterator[None]:
    """Run it until the block ends; this needs root, as Postfix does."""
    with tempfile.TemporaryDirectory(prefix="avow-bench-postfix-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name in ("conf", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        (folder / "conf" / "main.cf").write_text(MAIN.format(folder=folder, sink=sink))
        (folder / "conf" / "master.cf").write_text("\n".join(SERVICES).format(port=port) + "\n")
        call = ["postfix", "-c", str(folder / "conf")]
        subprocess.run([*call, "check"], check=True, capture_output=True)
        subprocess.run([*call, "start"], check=True, capture_output=True)
        try:
            _wait(port)
            yield
        finally:
            subprocess.run([*call, "abort"], check=False, capture_output=True)


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
