"""
The four roles of GDPRbench, rewritten: controller, customer, processor and regulator on Avow and on plain PostgreSQL.

    A  PostgreSQL, the metadata in columns beside the data      B  A with an index on each of these columns
    C  B, sealed under one key, a ledger row for each act       D  Avow's acts, called in process

Rounds are played one after the other, each in a house and a process of its own (`_roles_round`), the systems in
another order each time; what is published is the median. An interrupted run goes on where it stopped: a round that
is done lies in a file, and the same source, seed and number of records take it up.

Holds:    no number is returned unless every answer of every system was the oracle's, and every record after each
          role that changes some.
Does not: measure more than one connection: acts come one at a time.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

from bench._roles_acts import ACTS
from bench._roles_mix import COUNTS, MIX, ROLES

REPOSITORY = Path(__file__).resolve().parent.parent
RECORDS = int(os.environ.get("AVOW_BENCH_RECORDS", "100000"))
MANY = int(os.environ.get("AVOW_BENCH_RECORDS", "1000000"))
ROUNDS, ROUNDS_OF_MANY = 5, 3
SEED = 2026
SYSTEMS = "ABCD"
GOALS = {"controller": 0.1, "customer": 1.0, "processor": 3.0, "regulator": 1.0}  # Avow's time over C's, at most
STORAGE = 3.3  # bytes that lie for one byte of personal data, at most


def run() -> dict[str, Any]:
    """Measure with a hundred thousand records."""
    return measured(RECORDS, ROUNDS)


def soak() -> dict[str, Any]:
    """Measure with a million."""
    return measured(MANY, ROUNDS_OF_MANY)


def measured(records: int, rounds: int) -> dict[str, Any]:
    """Play the rounds that are not done yet and sum them all up."""
    folder = kept_in(records)
    for number in range(rounds):
        file = folder / f"round-{number}.json"
        if file.exists():
            print(f"  round {number + 1} of {rounds} was played before; {file}", flush=True)
            continue
        print(f"  round {number + 1} of {rounds}, {records:,} records", flush=True)
        command = [sys.executable, "-m", "bench._roles_round", str(number), str(records), str(SEED), str(file)]
        subprocess.run(command, cwd=REPOSITORY, check=True)
    played = [json.loads((folder / f"round-{number}.json").read_text()) for number in range(rounds)]
    figures = summed_up(played, records)
    for file in folder.glob("round-*.json"):
        file.unlink()
    folder.rmdir()
    return figures


def kept_in(records: int) -> Path:
    """Return the folder in which rounds of this very source and size wait for the others."""
    source = hashlib.sha256()
    for file in sorted([*REPOSITORY.glob("avow/**/*.py"), *REPOSITORY.glob("bench/*.py")]):
        source.update(file.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"avow-bench-roles-{source.hexdigest()[:12]}-{SEED}-{records}"
    folder.mkdir(exist_ok=True)
    return folder


def summed_up(played: list[dict[str, Any]], records: int) -> dict[str, Any]:
    """Return what is published: medians over the rounds, and whether each goal was met."""
    roles = {role: of_role(role, played) for role in ROLES}
    storage = {name: round(statistics.median(one["storage"][name] for one in played), 2) for name in SYSTEMS}
    after = {name: round(statistics.median(one["storage_after"][name] for one in played), 2) for name in SYSTEMS}
    return {
        "records": records,
        "persons": records // 10,
        "rounds": len(played),
        "seed": SEED,
        "connections": 1,
        "answers compared, all right": sum(one["answers"] for one in played),
        "acts of a round": COUNTS,
        "mix": MIX,
        "guarantees": played[0]["guarantees"],
        "seconds for 1000 acts": roles,
        "ms of an act, p50": {act: of_act(act, played, 50) for act in ACTS},
        "ms of an act, p95": {act: of_act(act, played, 95) for act in ACTS},
        "bytes stored for a personal byte": storage | goal(storage["D"], STORAGE),
        "the same after all roles": after,
        "after an acknowledged deletion": played[0]["gone"],
        "seconds to load": {
            name: round(statistics.median(one["loading"][name] for one in played), 1) for name in SYSTEMS
        },
    }


def of_role(role: str, played: list[dict[str, Any]]) -> dict[str, Any]:
    """Return each system's time for a role, and Avow's over C's beside what was aimed at."""
    took = {name: round(statistics.median(one["spent"][role][name] for one in played), 3) for name in SYSTEMS}
    ratio = statistics.median(one["spent"][role]["D"] / one["spent"][role]["C"] for one in played)
    return took | {"D over C": round(ratio, 2)} | goal(ratio, GOALS[role])


def of_act(act: str, played: list[dict[str, Any]], percentile: int) -> dict[str, float | None]:
    """Return each system's milliseconds for an act, over all rounds and roles; None: it has no such act."""
    return {name: percentile_of(list(times(act, name, played)), percentile) for name in SYSTEMS}


def times(act: str, name: str, played: list[dict[str, Any]]) -> chain[float]:
    """Return every time that an act took."""
    return chain.from_iterable(role.get(act, ()) for one in played for role in one["acts"][name].values())


def percentile_of(took: list[float], percentile: int) -> float | None:
    """Return a percentile, to the hundredth of a millisecond."""
    if not took:
        return None
    return round(sorted(took)[min(len(took) - 1, len(took) * percentile // 100)], 2)


def goal(found: float, most: float) -> dict[str, Any]:
    """Say what was aimed at and whether it was met."""
    return {"goal, at most": most, "met": found <= most}
