"""The page about costs says what the results say, losses and missed goals included.

It bites: leave the losses out of `wins_and_losses`, or write "yes" for every goal, and a test here fails (each was tried).
"""

import importlib.util
import json
from pathlib import Path

import pytest

from bench import roles
from bench._roles_acts import ACTS
from bench._roles_mix import MIX

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "write_costs.py"


@pytest.fixture(scope="module")
def writer():
    spec = importlib.util.spec_from_file_location("write_costs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(avow, c=2.0):
    """A run in which Avow takes so many seconds, and so many milliseconds, where C takes two."""
    took = {"A": 1.0, "B": 1.0, "C": c, "D": avow}
    played = {
        "spent": dict.fromkeys(MIX, took),
        "acts": {name: {"controller": {act: [took[name]] for act in ACTS}} for name in "ABCD"},
        "storage": took, "storage_after": took, "loading": took, "answers": 17, "guarantees": {},
        "gone": {name: {"deleted records that were looked for": 9, "ms until none opens": None if name != "D" else 0} for name in "ABCD"},
    }  # fmt: skip
    for name in "AB":
        del played["acts"][name]["controller"]["log_range"]
    machine = {"processor": "a processor", "cpus": 2, "postgresql": "15.0"}
    figures = json.loads(json.dumps(roles.summed_up([played], 1000)))
    return {"date": "2026-11-30", "commit": "abc", "machine": machine, "figures": figures}


def test_a_slower_avow_is_written_as_slower(writer):
    page = writer.figures([result(avow=7.0)])
    assert "| controller | 1.00 | 1.00 | 2.00 | 7.00 | 3.50 | 0.10 | **no** |" in page
    assert "**Faster than C**: nothing." in page
    lost = page.partition("**Slower than C**")[2].splitlines()[0]
    for said in writer.ACTS.values():
        assert f"{said} (3.50 times)" in lost
    assert "| show a part of the log | has none | has none | 2.00 (2.00) | 7.00 (7.00) | 3.50 |" in page
    assert "| milliseconds until none opens | never by itself | never by itself | never by itself | 0 |" in page
    assert "17 answers were compared; all were right." in page


def test_a_quicker_avow_meets_its_goals(writer):
    page = writer.figures([result(avow=0.1)])
    assert page.count("| yes |") == 5
    assert "**no**" not in page
    assert "**Slower than C**: nothing." in page


def test_the_picture_draws_each_system_in_proportion_and_the_goal(writer):
    drawn = writer.picture(result(avow=4.0)["figures"])
    assert drawn.count("<rect") == 16
    assert drawn.count('class="avow"') == 4
    widths = [float(part.split('"')[0]) for part in drawn.split(' width="')[1:5]]
    assert [round(width / widths[0], 1) for width in widths] == [1.0, 1.0, 2.0, 4.0]
    assert "goal: 0.20" in drawn  # a tenth of C's time for the controller
    assert "script" not in drawn


def test_a_page_that_differs_from_the_results_is_stale(writer, monkeypatch, tmp_path, capsys):
    for name in ("RESULTS", "REPOSITORY"):
        monkeypatch.setattr(writer, name, tmp_path)
    monkeypatch.setattr(writer, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(writer, "PICTURE", tmp_path / "roles.svg")
    writer.PAGE.write_text(f"before\n{writer.BEGIN}\nold\n{writer.END}\nafter\n")
    assert writer.main(["--check"]) == 1
    assert "run `make docs`" in capsys.readouterr().out
    assert writer.main([]) == 0 == writer.main(["--check"])
    assert "No result is committed yet" in writer.PAGE.read_text()
    (tmp_path / "roles.json").write_text(json.dumps(result(avow=1.0)))
    assert writer.main(["--check"]) == 1
    assert writer.main([]) == 0 == writer.main(["--check"])
    page = writer.PAGE.read_text()
    assert page.startswith("before\n") and page.endswith("\nafter\n") and "old" not in page
    assert writer.PICTURE.exists() and "1,000 records about 100 persons" in page


def test_every_act_has_words(writer):
    assert set(writer.ACTS) == set(ACTS)
