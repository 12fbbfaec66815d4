"""
One round of `bench.roles`: a fresh house, each system loaded with the same records, four roles, all answers compared.

Run by `bench.roles` in a process of its own, since Django can be set up on one home only:

    python -m bench._roles_round NUMBER RECORDS SEED FILE

Holds:    FILE is written at the end, at once, and only when every answer of every system was right.
Does not: let the systems run beside each other: one connection, one act at a time, by turns.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench._house import house
from bench._roles_acts import Keeper
from bench._roles_mix import COUNTS, ROLES, Drawing
from bench._roles_oracle import Oracle, Step, WrongAnswer, check, digest
from bench._roles_records import DATA, world

GRANT = "GRANT CREATE ON SCHEMA public TO avow_app"  # the plain systems make their own tables
CHANGING = frozenset({"controller", "customer"})

Say = Callable[[str], None]


def play(number: int, records: int, seed: int, say: Say) -> dict[str, Any]:
    """Stand up a house and play one round in it."""
    with house(GRANT):
        from django.db import connections  # noqa: PLC0415 - Django stands now

        from bench._roles_avow import Avow  # noqa: PLC0415
        from bench._roles_plain import systems  # noqa: PLC0415

        known = connections["default"].get_connection_params()
        plain = psycopg.connect(
            **{name: known[name] for name in ("host", "port", "dbname", "user", "password")}, autocommit=True
        )
        keepers: list[Keeper] = [*systems(plain), Avow(superuser)]
        played = roles(turned(keepers, number), records, seed + number, say)
        if number == 0:
            from bench._roles_gone import gone  # noqa: PLC0415

            played["gone"] = gone(keepers, superuser)
            say("looked for what was deleted")
        plain.close()
        guarantees = {keeper.name: keeper.guarantees for keeper in keepers}
        return {"round": number, "guarantees": guarantees, **played}


def superuser(database: str) -> psycopg.Connection:
    """Connect to the house's server as its superuser."""
    from avow.host.cluster import Cluster  # noqa: PLC0415

    return Cluster(Path(os.environ["AVOW_HOME"]) / "pg").connect(database)


def turned(keepers: list[Keeper], number: int) -> list[Keeper]:
    """Return the systems in another order each round: another first, and every second round backwards."""
    start = number // 2 % len(keepers)
    order = keepers[start:] + keepers[:start]
    return order[::-1] if number % 2 else order


def roles(keepers: list[Keeper], count: int, seed: int, say: Say, counts: Mapping[str, int] = COUNTS) -> dict[str, Any]:
    """Load the same records into every system and let the roles act on each by turns."""
    made = world(count, seed)
    records = list(made.records(count))
    oracle = Oracle(made, records)
    loading = {keeper.name: _timed(partial(keeper.load, made, records)) for keeper in keepers}
    del records
    gc.collect()
    gc.freeze()  # the oracle's many objects shall not make the collector slow in anybody's act
    compare(keepers, oracle)
    say("loaded: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in loading.items()))
    storage = {keeper.name: keeper.size() / (count * DATA) for keeper in keepers}
    drawing, acts, spent, answers = Drawing(made, oracle), {}, {}, 0
    for role in ROLES:
        steps = drawing.role(role, counts[role])
        for keeper in keepers:
            took, spent.setdefault(role, {})[keeper.name] = play_role(keeper, steps)
            acts.setdefault(keeper.name, {}).setdefault(role, {}).update(took)
            answers += sum(map(len, took.values()))
            say(f"{role} on {keeper.name}: {sum(map(sum, took.values())) / 1000:.1f} s, every answer right")
        if role in CHANGING:
            compare(keepers, oracle)
    after = {keeper.name: keeper.size() / (len(oracle.records) * DATA) for keeper in keepers}
    return {
        "loading": loading, "storage": storage, "storage_after": after, "acts": acts, "spent": spent, "answers": answers
    }  # fmt: skip


def play_role(keeper: Keeper, steps: list[Step]) -> tuple[dict[str, list[float]], float]:
    """Let one system do a role's acts; return milliseconds by act, and the seconds for a thousand of what it did."""
    took: dict[str, list[float]] = {}
    able = [step for step in steps if step.act not in keeper.cannot]
    for step in able:
        act = getattr(keeper, step.act)
        began = time.perf_counter()
        answer = act(*step.arguments)
        took.setdefault(step.act, []).append((time.perf_counter() - began) * 1000)
        check(keeper.name, step, answer)
    settling = _timed(keeper.settle)
    return took, (sum(map(sum, took.values())) / 1000 + settling) * 1000 / len(able)


def compare(keepers: list[Keeper], oracle: Oracle) -> None:
    """Raise unless every system holds what it should, record by record."""
    right = digest(oracle.everything())
    for keeper in keepers:
        if digest(keeper.everything()) != right:
            raise WrongAnswer(f"{keeper.name} holds other records than it should; no number of this run counts.")


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main(arguments: list[str]) -> int:
    """Play the round that is asked for and write what it found."""
    number, records, seed, file = int(arguments[0]), int(arguments[1]), int(arguments[2]), Path(arguments[3])
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"  {time.monotonic() - began:6.0f} s  round {number + 1}: {what}", flush=True)

    played = play(number, records, seed, say)
    fresh = file.with_suffix(".tmp")
    fresh.write_text(json.dumps(played))
    fresh.rename(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
