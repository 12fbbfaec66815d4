"""
The Postfix of the bench counts what it took, by Message-ID, and leaves nothing behind.

It bites: with cleanup's lines for the count a mail whose connection ended in its text counts as taken; without the keeper
Postfix outlives a bench that was killed (both were tried: the kernel forgets a wish to die with one's parent when the
user changes).
"""

import os
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import _postfix
from bench.mail import free_port

PROGRAM = """
import sys, time
from bench import _postfix
with _postfix.postfix(int(sys.argv[1])) as one:
    print(one.log.parent, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def runs_here():
    if os.geteuid() or not shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip("Postfix is not here, or this is not root: scripts/parts installs it")


def letter(ident):
    return f"Message-ID: <{ident}@optimibi.com>\r\n\r\nHello.\r\n"


def processes(folder):
    """What runs for this folder: its keeper and its master, whose command lines name it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path] if str(folder).encode() in path.read_bytes() else []
        except OSError:
            continue  # ended just now
    return found


def test_what_was_whole_is_counted_as_often_as_it_came(runs_here):
    port = free_port()
    with _postfix.postfix(port) as relay:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            for ident in ("aa01", "aa02", "aa01"):
                smtp.sendmail("info@example.com", ["ada@example.com"], letter(ident))
        torn = smtplib.SMTP("127.0.0.1", port)
        for command in ("MAIL FROM:<info@example.com>", "RCPT TO:<ada@example.com>", "DATA"):
            torn.docmd(command)
        torn.sock.sendall(letter("aa03").encode())
        time.sleep(0.3)
        torn.close()
        assert sorted(relay.idents()) == ["aa01", "aa01", "aa02"]
        assert "message-id=<aa03@" in relay.log.read_text(), "the search finds: cleanup has read it"
        assert len(relay.sizes()) == 3
        folder = relay.log.parent
        assert processes(folder)
    assert not folder.exists() and not processes(folder)


def test_a_bench_that_is_killed_leaves_neither_process_nor_folder(runs_here):
    bench = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(free_port())],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    folder = Path(bench.stdout.readline().strip())
    assert folder.name.startswith("avow-bench-postfix-") and processes(folder)
    bench.send_signal(signal.SIGKILL)
    bench.wait()
    bench.stdout.close()
    until = time.monotonic() + 30
    while (folder.exists() or processes(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not folder.exists() and not processes(folder)
