"""
The process that shows pages has every keeper and live check in its register.

It bites: without `marks.load()` in host/asgi.py a fresh web process said "Nothing watches it yet." of every sentence
while the worker's checks passed (this happened).
"""

import subprocess
import sys

from avow.policy.promises import CHECKS, KEEPERS
from avow.web.reading import register

ASK = "import avow.host.asgi; from avow.policy.promises import CHECKS, KEEPERS; print(*sorted(CHECKS), len(KEEPERS))"


def test_a_fresh_web_process_knows_what_the_source_says(db):
    told = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout.split()
    marked = {mark.check for mark in register.marks() if mark.kind == "watches"}
    assert set(told[:-1]) == marked == set(CHECKS) & marked
    assert int(told[-1]) == len({mark.promise for mark in register.marks() if mark.kind == "keeps"}) <= len(KEEPERS)
