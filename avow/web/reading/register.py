"""
What in the code keeps, proves and watches each sentence, read once for each process.

Why once: marks are in the source, and the source of a running service does not change.

Does not: show proofs where the tests are not installed; `proofs_at_hand` says so.
"""

from functools import cache
from pathlib import Path

import avow
from avow.evidence import shown
from avow.policy import trace
from avow.policy.binding import BoundPolicy
from avow.policy.promises import CHECKS

PACKAGE = Path(avow.__file__).parent
TESTS = PACKAGE.parent / "tests"


def proofs_at_hand() -> bool:
    """Whether the tests lie beside the package, as they do in the repository."""
    return (TESTS / "promises").is_dir()


@cache
def marks() -> tuple[trace.Mark, ...]:
    """Return every mark in the source."""
    return (*trace.scan_marks(PACKAGE), *(trace.scan_proofs(TESTS) if proofs_at_hand() else ()))


def rows(bound: BoundPolicy) -> dict[str, trace.Row]:
    """Return the row of each sentence, by the sentence's id."""
    shown_now = {name for name in CHECKS if shown.is_shown(name)}
    return {row.id: row for row in trace.trace(bound, marks(), shown_now)}


def progress(rows: dict[str, trace.Row]) -> str:
    """Say how many sentences are kept, proved and watched."""
    count = trace.count(rows.values())
    if proofs_at_hand():
        return f"{count.whole} of {count.needed} sentences are kept, proved and watched."
    both = sum(row.needed and row.kept and row.watched for row in rows.values())
    return f"{both} of {count.needed} sentences are kept and watched."
