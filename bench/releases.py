"""
Releases to partners: how long the search for the best levels of rows takes, by stage.

The rows are the census sample of ../shared (30,162, eight columns that somebody may know), and resampled from it: 15 in
100 of the cells of each column drawn anew, as the study did. They are read from Parquet with their dictionaries, so
that a value is looked up once and not for each row. Beside it, in the same run, the plain path: the same node counted
by one GROUP BY over the rows (DuckDB), times the nodes that the search looked at.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from avow.sharing import hierarchies
from avow.sharing.hierarchies import Hierarchy
from avow.sharing.searching import Model, Search, table_of

ADULT = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "adult"
COLUMNS = ["sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation"]
SENSITIVE = "salary-class"
K, SHARE, REDRAWN, ROUNDS = 5, 0.05, 0.15, 5
NODES = 3  # counted by the plain path, then multiplied


def run() -> dict[str, Any]:
    """Measure at 30 thousand and at a million rows."""
    return {
        "what": f"k={K}, at most {SHARE:.0%} of rows hidden",
        **{str(size): _measured(size) for size in (0, 1_000_000)},
    }


def soak() -> dict[str, Any]:
    """Measure at ten million."""
    return {"10000000": _measured(10_000_000)}


def _measured(size: int) -> dict[str, Any]:
    ladders = [hierarchies.read(name, ADULT / f"adult_hierarchy_{name}.csv") for name in COLUMNS]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.parquet"
        pq.write_table(_rows(size), file)
        rounds = [_once(file, ladders, distinct=1) for _ in range(ROUNDS)]
        l2 = [_once(file, ladders, distinct=2) for _ in range(ROUNDS)]
        plain = _plain(file, ladders, rounds[0]["nodes"])
    best = {name: _middle(rounds, name) for name in ("read", "encode", "combinations", "search", "seconds")}
    return {
        "rows": rounds[0]["rows"], "distinct combinations": rounds[0]["combinations found"],
        "nodes of the lattice": rounds[0]["lattice"], "nodes counted": rounds[0]["nodes"], **best,
        "least": round(min(one["seconds"] for one in rounds), 3),
        "most": round(max(one["seconds"] for one in rounds), 3),
        "loss": rounds[0]["loss"], "hidden": rounds[0]["hidden"], "levels": rounds[0]["levels"],
        "with two sensitive values a class": {"seconds": _middle(l2, "seconds"), "loss": l2[0]["loss"]},
        "plain path, each of its nodes from the rows": {"seconds": plain, "ratio": round(plain / best["seconds"], 1)},
    }  # fmt: skip


def _once(file: Path, ladders: list[Hierarchy], *, distinct: int) -> dict[str, Any]:
    began = time.perf_counter()
    table = pq.read_table(file, read_dictionary=[*COLUMNS, SENSITIVE])
    read = time.perf_counter()
    codes = [_codes(table[ladder.name], ladder) for ladder in ladders]
    salary = _numbers(table[SENSITIVE]) if distinct > 1 else np.zeros(len(table), dtype=np.int64)
    encoded = time.perf_counter()
    base = table_of(codes, salary)
    combined = time.perf_counter()
    search = Search(ladders, base, Model(K, distinct), most=int(len(table) * SHARE))
    found = search.best()
    ended = time.perf_counter()
    assert found is not None
    return {
        "rows": len(table), "combinations found": len(base.rows), "lattice": len(search.nodes),
        "nodes": len(search.counted),
        "loss": round(found.loss, 6), "hidden": found.suppressed, "levels": list(found.levels),
        "read": read - began, "encode": encoded - read, "combinations": combined - encoded, "search": ended - combined,
        "seconds": ended - began,
    }  # fmt: skip


def _codes(column: pa.ChunkedArray, ladder: Hierarchy) -> Any:
    """Return the place of each value, looked up once for each different one."""
    whole = column.combine_chunks()
    places = ladder.codes(whole.dictionary.to_pylist())
    return places[whole.indices.to_numpy()]


def _numbers(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks().indices.to_numpy().astype(np.int64)


def _rows(size: int) -> pa.Table:
    """Return the sample itself, or as many rows drawn from it."""
    sample = pacsv.read_csv(ADULT / "adult.csv", parse_options=pacsv.ParseOptions(delimiter=";"))
    sample = sample.select([*COLUMNS, SENSITIVE]).cast(
        pa.schema([(name, pa.string()) for name in [*COLUMNS, SENSITIVE]])
    )
    if not size:
        return sample
    dice = np.random.default_rng(20261130)
    pick = dice.integers(0, len(sample), size)
    drawn = {}
    for name in [*COLUMNS, SENSITIVE]:
        at = pick.copy()
        again = dice.random(size) < REDRAWN
        at[again] = dice.integers(0, len(sample), int(again.sum()))
        drawn[name] = sample[name].combine_chunks().take(pa.array(at))
    return pa.table(drawn)


def _plain(file: Path, ladders: list[Hierarchy], nodes: int) -> float:
    """Return how long the nodes would take that way: some are counted, the rest is multiplied."""
    base = duckdb.connect()
    base.execute(f"CREATE TABLE rows AS SELECT * FROM '{file}'")  # noqa: S608 - the names are this file's own
    for ladder in ladders:
        wide = {f"l{at}": [row[at] for row in ladder.rows] for at in range(ladder.depth)}
        base.register("wide", pa.table(wide))
        base.execute(f'CREATE TABLE "{ladder.name}" AS SELECT * FROM wide')  # noqa: S608 - as above
    times = []
    for level in range(NODES):
        at = [min(level, ladder.depth - 1) for ladder in ladders]
        joins = " ".join(f'JOIN "{one.name}" AS j{n} ON j{n}.l0 = rows."{one.name}"' for n, one in enumerate(ladders))
        columns = ", ".join(f"j{n}.l{one}" for n, one in enumerate(at))
        began = time.perf_counter()
        base.execute(
            f"SELECT count(*) FROM (SELECT count(*) AS n FROM rows {joins} GROUP BY {columns}) WHERE n >= {K}"  # noqa: S608 - as above
        ).fetchall()
        times.append(time.perf_counter() - began)
    return round(statistics.median(times) * nodes, 2)


def _middle(rounds: list[dict[str, Any]], name: str) -> float:
    return round(statistics.median(one[name] for one in rounds), 3)
