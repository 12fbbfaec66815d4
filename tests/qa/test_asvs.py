"""
The table of ASVS says what is so: each named test is there, none of levels 1 and 2 is missing, and none is blank.

It bites: a test that is renamed, a requirement that is dropped, or one without test and without reason fails here.
"""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS = tomllib.loads((REPOSITORY / "docs/reference/asvs.toml").read_text())["requirement"]
CHAPTERS = {"6", "7", "8", "9", "10", "14", "16"}
LEVELS = {1: 34, 2: 87}  # of these chapters in the published list
STATES = {"met", "partly", "not-met", "not-applicable"}


def test_it_is_whole():
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids) == sum(LEVELS.values())
    assert {one.split(".")[0] for one in ids} == CHAPTERS
    assert ids == sorted(ids, key=lambda one: [int(part) for part in one.split(".")])
    assert Counter(row["level"] for row in ROWS) == LEVELS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_has_a_test_that_is_there_or_a_reason(row):
    assert row["state"] in STATES and row["says"]
    assert row.get("tests") or row.get("reason"), "blank"
    assert row["state"] != "not-met" or row.get("reason"), "what is not met says why"
    for named in row.get("tests", ()):
        path, _, name = named.partition("::")
        assert re.fullmatch(r"tests/[\w/]+\.py", path)
        functions = {
            one.name for one in ast.walk(ast.parse((REPOSITORY / path).read_text())) if isinstance(one, ast.FunctionDef)
        }
        assert name.rpartition("::")[2] in functions, named
