"""
Measure what would go to partners with other people's programs: k and l of rows by pycanon, epsilon of noise by dp-accounting.

Runs in .venv-judges (scripts/side-venv judges), reads JSON from its input, and prints what they found as JSON.
"""

import json
import sys

import pandas as pd
from dp_accounting.pld import privacy_loss_distribution
from pycanon import anonymity


def rows(asked):
    table = pd.DataFrame(asked["rows"], columns=asked["columns"], dtype=str)
    known = [name for name in asked["columns"] if name not in asked["sensitive"]]
    found = {"k": int(anonymity.k_anonymity(table, known))}
    if asked["sensitive"]:
        found["l"] = int(anonymity.l_diversity(table, known, asked["sensitive"]))
    return found


def noise(asked):
    one = privacy_loss_distribution.from_discrete_gaussian_mechanism(asked["sigma"], sensitivity=asked["length"])
    return {"epsilon": one.get_epsilon_for_delta(asked["delta"])}


print(json.dumps([{"rows": rows, "noise": noise}[one["what"]](one) for one in json.load(sys.stdin)]))
