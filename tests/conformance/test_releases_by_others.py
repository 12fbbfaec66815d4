"""
Other people's programs judge what would go to partners: pycanon measures the rows, dp-accounting the noise.

It bites: rows of classes below k that are let through, a class with one sensitive value, noise for half the length that a person
moves the totals, and an epsilon that is below the true one (each was tried).
"""

import csv
import json
import math
import subprocess
from pathlib import Path

import numpy as np
import pytest

from avow.policy.promises import Promise
from avow.sharing import aggregating, generalising, hierarchies, making
from avow.sharing.aggregating import Price

REPOSITORY = Path(__file__).resolve().parent.parent.parent
JUDGES = REPOSITORY / ".venv-judges/bin/python"
pytestmark = [
    pytest.mark.skipif(not JUDGES.exists(), reason="the judges are not installed: scripts/side-venv judges"),
    pytest.mark.proves(Promise.ANONYMISED_RELEASE, Promise.AGGREGATE_RELEASE),
]
COLUMNS = "sex age race marital-status education".split()
SECRET = "salary-class"


def judge(*asked):
    program = Path(__file__).with_name("judge_releases.py")
    done = subprocess.run(
        [JUDGES, program], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=180
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def census(shared):
    folder = shared / "data" / "adult"
    ladders = [hierarchies.read(name, folder / f"adult_hierarchy_{name}.csv") for name in COLUMNS]
    with (folder / "adult.csv").open() as lines:
        return ladders, list(csv.DictReader(lines, delimiter=";"))


@pytest.mark.parametrize(("k", "sensitive"), [(5, []), (11, []), (5, [SECRET]), (11, [SECRET])])
def test_rows_have_the_k_and_l_that_others_measure(census, k, sensitive):
    ladders, rows = census
    own = [*ladders, hierarchies.of(SECRET, ("<=50K", "*"), (">50K", "*"))] if sensitive else ladders
    made = generalising.anonymise(rows, own, k=k, sensitive=sensitive, key=b"k" * 32)
    [found] = judge({"what": "rows", "columns": made.columns, "rows": made.rows, "sensitive": sensitive})
    assert found["k"] == made.smallest >= k
    assert not sensitive or found["l"] >= 2


@pytest.mark.parametrize("rho", [1, 10, 100])
def test_noise_costs_no_more_than_others_count_and_epsilon_is_no_less(rho):
    said = making.epsilon(rho)
    asked = []
    for pages, days in ((1, 1), (3, 7), (5, 31)):
        cost = Price(rho, pages, days)
        assert cost.length**2 / (2 * cost.sigma**2) <= rho / 1000
        # dp-accounting takes whole steps of a person: sigma and length by the same scale, so that its length is whole
        asked.append({"what": "noise", "sigma": cost.sigma / cost.length * 10, "length": 10, "delta": making.DELTA})
    for found in judge(*asked):
        assert found["epsilon"] <= said < found["epsilon"] * 1.25
    assert said < rho / 1000 + 2 * math.sqrt(rho / 1000 * math.log(1 / making.DELTA))


def test_the_noise_has_the_distribution_that_it_should():
    """Chi-squared against the discrete Gaussian; at one in a million it fails for a right one."""
    cost = Price(500, 1, 2)  # sigma is 2
    drawn = np.array(aggregating.noisy([0] * 60_000, cost))
    steps = np.arange(-7, 8)
    weights = np.exp(-(np.arange(-200, 201) ** 2) / (2 * cost.sigma**2))
    share = {step: weight / weights.sum() for step, weight in zip(range(-200, 201), weights, strict=True)}
    expected = np.array([sum(w for s, w in share.items() if s <= -7), *(share[s] for s in steps[1:-1]), 0.0])
    expected[-1] = 1 - expected.sum()
    seen = np.array([(drawn <= -7).sum(), *((drawn == s).sum() for s in steps[1:-1]), (drawn >= 7).sum()])
    chi = float(((seen - expected * len(drawn)) ** 2 / (expected * len(drawn))).sum())
    assert chi < 56.5  # 14 degrees of freedom, p = 5e-7
    assert abs(drawn.mean()) < 0.05 and abs(drawn.std() - cost.sigma) < 0.03
