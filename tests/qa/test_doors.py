"""The one-door rules: each catches a second door, and none is without a door."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "qa"))

import doors

RULES = doors.rules()


@pytest.mark.parametrize("path, rule", RULES, ids=[path.stem for path, _ in RULES])
def test_a_second_door_is_caught(path, rule, tmp_path):
    """It bites: the rule's own example of a second door, put into another file, is reported; in the door it is not."""
    second = tmp_path / "avow" / "somewhere.py"
    second.parent.mkdir()
    second.write_text(rule["metadata"]["example"])
    assert doors.second_doors(path, rule["metadata"]["door"], tmp_path)
    if rule["metadata"]["door"]:
        first = tmp_path / rule["metadata"]["door"][0]
        first.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(second, first)
        assert not doors.second_doors(path, rule["metadata"]["door"], tmp_path)


def test_each_rule_has_a_door_that_exists_and_a_reason():
    assert RULES
    for path, rule in RULES:
        assert rule["metadata"]["why"], path
        for door in rule["metadata"]["door"]:
            assert (ROOT / door).exists(), (path, door)


def test_the_house_has_no_second_door():
    assert doors.main() == 0
