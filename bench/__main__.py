"""
Run benchmarks and write one JSON file each to bench/results/.

Why with the machine beside the figures: a rate without its processor, its load and its versions
says nothing a year later. Ratios to the plain path, measured in the same run, do.

Usage: python -m bench [--soak] [NAME …]     NAME is a module of this folder with `run() -> dict`;
       one with `soak() -> dict` also has a long run.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"


def names() -> list[str]:
    """Name every benchmark of this folder."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def machine() -> dict[str, Any]:
    """Describe what the figures were measured on."""
    return {
        "cpus": os.cpu_count(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "processor": processor(),
        "python": platform.python_version(),
        "postgresql": postgresql(),
        "system": platform.system() + " " + platform.release().split("-")[0],
    }


def processor() -> str:
    """Name the processor, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def postgresql() -> str:
    """Return the version of the PostgreSQL that Avow would start."""
    from avow.host import binaries  # noqa: PLC0415 - a benchmark without a database must run without it

    return binaries.choose(Path("/nonexistent")).version


def commit() -> str:
    """Return the commit that was measured, marked when more than results differs from it."""
    said = subprocess.run(["git", "describe", "--always"], cwd=FOLDER, capture_output=True, text=True, check=False)
    differs = ["git", "diff", "--quiet", "HEAD", "--", ":(top)", ":(top,exclude)bench/results"]
    dirty = subprocess.run(differs, cwd=FOLDER, capture_output=True, check=False).returncode
    return said.stdout.strip() + ("-dirty" if dirty else "") if said.stdout else "unknown"


def measure(name: str, act: str) -> dict[str, Any]:
    """Run one benchmark and return its figures with when, where and of what they were taken."""
    about = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "machine": machine()}
    began = time.monotonic()
    figures = getattr(importlib.import_module(f"bench.{name}"), act)()
    return {"benchmark": name, **about, "seconds": round(time.monotonic() - began, 1), "figures": figures}


def main(arguments: Sequence[str]) -> int:
    """Run what is named, or all; a benchmark that breaks does not hide the others."""
    act = "soak" if "--soak" in arguments else "run"
    wanted = [name for name in arguments if not name.startswith("-")] or names()
    if unknown := sorted(set(wanted) - set(names())):
        print(f"There is no benchmark called {', '.join(unknown)}; there are {', '.join(names())}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    if "--here" in arguments:
        return write(wanted[0], act)
    broken = [name for name in wanted if alone(name, act)]
    if broken:
        print(f"Broken: {', '.join(broken)}.", file=sys.stderr)
    return int(bool(broken))


def alone(name: str, act: str) -> int:
    """Run one benchmark in a process of its own: Django can be set up on one home only."""
    flags = ["--soak"] if act == "soak" else []
    command = [sys.executable, "-m", "bench", "--here", name, *flags]
    return subprocess.run(command, cwd=FOLDER.parent, check=False).returncode


def write(name: str, act: str) -> int:
    """Measure one benchmark here, where it has such an act, and write what it found."""
    if not hasattr(importlib.import_module(f"bench.{name}"), act):
        return 0
    print(f"{name} …", flush=True)
    result = measure(name, act)
    path = RESULTS / (f"{name}.json" if act == "run" else f"{name}-soak.json")
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(result["figures"], indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
