"""
The long run of the kill harness: an erasure is killed before every statement that it sends, and a roll of the keys
before each line, alone and beside others at work; every time it must end the same.

`make test` kills at every durable step and before some of the lines; this kills everywhere, which takes many minutes.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
TESTS = ("tests/requests/test_killed.py", "tests/vault/test_killed_rolls.py", "tests/vault/test_erasure.py")


def soak() -> dict[str, Any]:
    """Run the kill tests at every statement and return what pytest counted."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", *TESTS]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "AVOW_SOAK": "1"}, capture_output=True, text=True, check=False
    )
    last = done.stdout.strip().splitlines()[-1]
    if done.returncode:
        raise RuntimeError(f"the kill harness found a moment that ends otherwise: {last}")
    return {"pytest": last, "minutes": round((time.monotonic() - began) / 60, 1)}
