"""
The long run of asking at random: for ten minutes every form, the API and OpenID Connect get what their schemas allow
and do not allow; nothing may answer 5xx.

`make test` asks for half a minute, always the same; this asks for ten, each time something else.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent


def soak() -> dict[str, Any]:
    """Ask, and return what pytest counted."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "tests/stories/test_no_request_breaks_it.py"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, "AVOW_SOAK": "1"}, capture_output=True, text=True, check=False
    )
    last = done.stdout.strip().splitlines()[-1]
    if done.returncode:
        raise RuntimeError(f"a request broke the service: {done.stdout[-4000:]}")
    return {"pytest": last, "minutes": round((time.monotonic() - began) / 60, 1)}
