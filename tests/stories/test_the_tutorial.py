"""docs/tutorial/the-policy-walks.md, performed: each step in Chromium against a whole `avow up` with its example.

It bites: a page that lacks what a step looks for, and a step whose comment names what its sentences do not, fail here (both
happened while it was written).
"""

import re
from pathlib import Path

import pytest

from tests.example.beside import both, started
from tests.stories import acting

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "the-policy-walks.md"
STEPS = acting.steps(TUTORIAL.read_text())
pytestmark = pytest.mark.needs("chromium")


def test_every_step_does_something_and_says_what_it_names():
    assert len(STEPS) > 8
    wrong = []
    for step in STEPS:
        wrong += [(step.section, step.number, "does nothing")] * (not step.does)
        for said in step.does:
            named = acting.NAMED.match(said)
            if named and named[1] not in step.prose:
                wrong.append((step.section, step.number, said))
            if not any(re.fullmatch(pattern, said) for pattern in acting.ACTS):
                wrong.append((step.section, step.number, f"no such act: {said}"))
    assert wrong == []


def test_the_tour_goes_as_it_is_written(chromium, tmp_path):
    house = started(tmp_path / "home")
    try:
        window = chromium.new_context(accept_downloads=True)
        window.set_default_timeout(60_000)
        password = re.search(r"with the password (\S+)", house.said)[1]
        actor = acting.Actor(window.new_page(), both(house), house.home, tmp_path, password)
        for step in STEPS:
            for said in step.does:
                try:
                    actor.perform(said)
                except Exception as failed:
                    raise AssertionError(f"{step.section}, step {step.number}: {said}\n{failed}") from failed
        window.close()
    finally:
        house.stop()
