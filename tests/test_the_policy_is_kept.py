"""
The table is the document, and each sentence is as far along as the committed trace says: not less, and not more.

Ids read [3a.6-unsubscribe]. A sentence that the trace calls kept must have its act, its proofs and a check that was
seen to fail; one that it calls open must say so. It bites: take a mark away, or a line out of shown_to_fail.json, and
the sentence's test fails until the trace admits it.
"""

import re
from pathlib import Path

import pytest

import avow
from avow.host.serving import shipped_policy
from avow.policy.promises import CHECKS
from avow.policy.trace import count, scan_marks, scan_proofs, trace
from avow.policy.trace_page import line

ROOT = Path(__file__).resolve().parent.parent
BOUND = shipped_policy()
LEAST = 39  # sentences kept, proved and watched, of 39; raise it when there are more, and never lower it
NOT_YET: set[str] = set()  # sentences that need a mechanism and have none
MARKS = [*scan_marks(Path(avow.__file__).parent), *scan_proofs(ROOT / "tests")]


def rows():
    from avow.evidence import shown

    return trace(BOUND, MARKS, {name for name in CHECKS if shown.is_shown(name)})


def committed():
    """The rows of the committed page by sentence; line numbers are left out, since any edit moves them."""
    page = (ROOT / "docs" / "policy-trace.md").read_text()
    found = {}
    for text in page.splitlines():
        if match := re.match(r"\| (\w+\.\d+) \|", text):
            found[match[1]] = re.sub(r"\.py:\d+", ".py", text)
    return found


@pytest.mark.parametrize(
    "sentence, clause",
    BOUND.clauses,
    ids=[f"{sentence.id}-{clause.name if clause else 'unbound'}" for sentence, clause in BOUND.clauses],
)
def test_the_sentence_is_as_far_along_as_the_trace_says(sentence, clause):
    assert clause is not None, f"§{sentence.id} is bound to nothing"
    assert clause.says == sentence.text, f"§{sentence.id}: the table quotes other words than the document"
    row = next(row for row in rows() if row.id == sentence.id)
    assert re.sub(r"\.py:\d+", ".py", line(row)) == committed()[sentence.id], "run `make trace` and read what changed"


def test_every_sentence_that_needs_a_mechanism_is_bound_to_a_promise():
    for row in rows():
        assert row.promises or not row.needed, f"§{row.id} needs a mechanism and names no promise"


def test_what_was_kept_proved_and_watched_once_stays_so():
    """
    Writing the trace anew cannot hide that a sentence lost its act, its proofs or its check.

    Whether a check's record is fresh is the next test's matter; here each counts. It bites: with the mark taken off
    `sending.send`, or off a test module that alone proves a promise, sentences are named here also after `make trace`.
    """
    now = trace(BOUND, MARKS, set(CHECKS))
    fallen = [row.id for row in now if row.needed and not (row.kept and row.proved and row.watched)]
    assert set(fallen) == NOT_YET
    done = count(now)
    assert min(done.whole, done.kept, done.proved, done.watched) >= LEAST, str(done)


def test_no_committed_record_of_a_trial_is_stale():
    """
    A stale record means that a mechanism changed and nobody has seen its check fail since.

    What counts is the record as this run found it: the trials of this very run write it anew, and a machine that
    threw that away would never see that it was stale. Fails once after a change; run again and commit the file.
    """
    from tests.plugin import SHOWN_AT_START

    assert set(CHECKS) == SHOWN_AT_START, "commit avow/evidence/shown_to_fail.json as this run has written it"
