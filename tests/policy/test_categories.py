"""
Our names of data are fideslang's, or stand in the crosswalk; fideslang itself is asked, in an environment of its own.

Tried: a misspelt key, a crosswalk to a key that fideslang does not have, and a crosswalk for one that it has.
"""

import json
import subprocess
from pathlib import Path

import pytest

from avow.policy.categories import CROSSWALK, DPV_TERMS, Category, fideslang_key

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = REPOSITORY / ".venv-taxonomy" / "bin" / "python"
ASK = "import json, fideslang.default_taxonomy as t; print(json.dumps([c.fides_key for c in t.DEFAULT_TAXONOMY.data_category]))"


@pytest.fixture(scope="module")
def fideslang():
    made = subprocess.run(
        [REPOSITORY / "scripts" / "side-venv", "taxonomy"], capture_output=True, text=True, timeout=300, check=False
    )
    if made.returncode:
        pytest.skip(f"fideslang's own environment could not be made by scripts/side-venv: {made.stderr.strip()[-200:]}")
    asked = subprocess.run([PYTHON, "-c", ASK], capture_output=True, text=True, timeout=180, check=True)
    return set(json.loads(asked.stdout))


def test_every_category_is_fideslangs_or_in_the_crosswalk_and_never_both(fideslang):
    assert "user.name" in fideslang, "the question was answered"
    assert {category.value for category in Category} - fideslang == {category.value for category in CROSSWALK}


def test_the_crosswalk_leads_to_a_wider_key_that_fideslang_has(fideslang):
    assert {fideslang_key(category) for category in Category} <= fideslang
    for category, crosswalk in CROSSWALK.items():
        assert category.value.split(".")[1] == crosswalk.fideslang.split(".")[1], "the same branch of the tree"
        assert crosswalk.why


def test_where_fideslang_has_gaps_dpv_has_terms():
    assert CROSSWALK[Category.USER_AGENT].dpv
    assert CROSSWALK[Category.PAGE_VIEW].dpv
    assert DPV_TERMS[Category.COOKIE].endswith("tech#Cookie")
