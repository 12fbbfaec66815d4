"""How long Avow takes from an empty home and from a made one, and what its processes and files weigh."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

AVOW = Path(sys.executable).parent / "avow"
REPOSITORY = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Ask the kernel for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the service and return it with the seconds until its policy page answers."""
    environment = {**os.environ, "AVOW_HOME": str(home), "PORT": str(port), "DEMO": "0"}
    began = time.perf_counter()
    process = subprocess.Popen([AVOW, "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.perf_counter() - began < 120:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/policy", timeout=5):
                return process, time.perf_counter() - began
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    process.kill()
    raise TimeoutError("the policy page did not answer within two minutes")


def tree_of(root: int) -> list[int]:
    """List a process and all below it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def weight(pid: int) -> tuple[str, float]:
    """Return a process's name and its share of memory (PSS) in MiB."""
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return name, int(line.split()[1]) / 1024
    return name, 0.0


def size(folder: Path) -> float:
    """Return the size of a folder in MiB, each file once."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 2**20


def run() -> dict[str, Any]:
    """Start cold, stop, start again five times, and weigh everything."""
    folder = Path(tempfile.mkdtemp(prefix="avow-bench-"))
    folder.chmod(0o711)
    home, port = folder / "var", free_port()
    try:
        process, cold = start(home, port)
        warm = []
        for _ in range(5):
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            process, seconds = start(home, port)
            warm.append(seconds)
        time.sleep(3)
        weights = [weight(pid) for pid in tree_of(process.pid)]
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        return {
            "cold_start_s": round(cold, 2),
            "restart_s": {"min": round(min(warm), 2), "median": round(sorted(warm)[2], 2), "max": round(max(warm), 2)},
            "memory_pss_mib": round(sum(mib for _, mib in weights), 1),
            "memory_by_process_mib": [[name, round(mib, 1)] for name, mib in sorted(weights, key=lambda w: -w[1])],
            "processes": len(weights),
            "home_mib": round(size(home), 1),
            "installed_mib": round(size(REPOSITORY / ".venv"), 1),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
