"""
What the whole house is for: break one mechanism, and within one period of its check its sentence goes red on the wall.

Only the scheduler's clock is stepped by hand: it decides what is due, the committed record says that the check
was seen to fail, and the officer reads the page that everybody reads.
"""

import re
from datetime import UTC, datetime

import pytest

from avow.evidence import running
from avow.policy.promises import CHECKS, Promise
from avow.vault import checks, erasure, fitting, gate, puncturing_again


def nothing():
    """Mending the mechanism was enough."""


def what_was_left_open_is_punctured():
    """A mended mechanism is not enough: whoever was erased meanwhile still opens, and another check keeps saying so."""
    assert checks.key_store_matches_the_log(datetime.now(UTC))
    for gone in fitting.reopened():
        puncturing_again.puncture_again(gone, now=datetime.now(UTC))


BREAKAGES = [
    pytest.param(
        "1.3", "undeclared-purpose-is-refused", (gate, "allowed", lambda *_, **__: True), nothing,
        id="1.3-every purpose is permitted", marks=pytest.mark.proves(Promise.PURPOSE_LIMIT),
    ),
    pytest.param(
        "7.3", "an-erased-person-stays-closed", (erasure.tree, "puncture", lambda cover, _: cover),
        what_was_left_open_is_punctured,
        id="7.3-the puncture is left out", marks=pytest.mark.proves(Promise.DE_IDENTIFY),
    ),
]  # fmt: skip


def on_the_wall(officer, sentence):
    page = officer.get("/desk").content.decode()
    row = page[page.index(f'<li id="{sentence}">') :].split("</li>")[0]
    return re.sub(r"<[^>]+>", " ", row).split()


@pytest.mark.parametrize("sentence, check, breakage, mend", BREAKAGES)
def test_its_sentence_turns_from_holds_to_failing_within_one_period_and_back(  # noqa: PLR0917 - pytest names them
    officer, monkeypatch, sentence, check, breakage, mend
):
    every = CHECKS[check].every
    start = datetime.now(UTC) - 2 * every  # the page reads the real clock, so the last round is now
    scheduled(check, start)
    assert "holds" in on_the_wall(officer, sentence)
    with monkeypatch.context() as broken:
        broken.setattr(*breakage)
        scheduled(check, start + every)
        assert "failing" in on_the_wall(officer, sentence)
    mend()
    scheduled(check, start + 2 * every)
    assert "holds" in on_the_wall(officer, sentence)


def scheduled(check, now):
    """Let the scheduler decide, and see that this check was due."""
    assert check in {result.check for result in running.run_due(now)}
