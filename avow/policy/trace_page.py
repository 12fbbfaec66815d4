"""
The trace as a page: docs/policy-trace.md, and the progress line of the README.

Holds:    the same tree of source gives the same bytes: no date, no line that depends on
          the machine, so `avow policy trace --check` can compare and CI can trust it.
Does not: show the last live check; the page of the living service does (/policy).
"""

import re
from collections.abc import Iterable, Sequence

from avow.policy.trace import Mark, Row, count

PROGRESS = re.compile(r"(<!-- progress -->).*?(<!-- /progress -->)", re.DOTALL)
CELLS = 30  # of the bar in the README


def places(marks: Iterable[Mark]) -> str:
    """List where marks stand, each place once."""
    return "<br>".join(dict.fromkeys(f"`{mark.file}:{mark.line}` {mark.name}" for mark in marks)) or "—"


def checks(row: Row) -> str:
    """List the live checks, saying which have not been shown to fail."""
    unshown = " (not shown to fail)"
    return "<br>".join(dict.fromkeys(f"{m.check}{'' if m.check in row.shown else unshown}" for m in row.checks)) or "—"


def line(row: Row) -> str:
    """Write one row of the table."""
    kind = row.kind.value if row.kind else "unbound"
    promises = ", ".join(promise.value for promise in row.promises) or ("none needed" if not row.needed else "—")
    proofs = len({(mark.file, mark.name) for mark in row.proofs})
    return (
        f"| {row.id} | {row.clause} | {kind} | {promises} | {places(row.keepers)} | {proofs or '—'} | {checks(row)} |"
    )


def page(rows: Sequence[Row], title: str) -> str:
    """Write the whole page."""
    head = [
        f"# Policy trace: {title}",
        "",
        "Written by `avow policy trace` from the source; do not edit. Each sentence of the policy, what keeps it, how",
        "many tests prove it, and which live checks watch it. A check counts once a test has broken its mechanism and",
        "seen it fail.",
        "",
        "| sentence | clause | kind | promise | kept by | proofs | watched by |",
        "|---|---|---|---|---|--:|---|",
    ]
    return "\n".join([*head, *(line(row) for row in rows), "", f"**{count(rows)}.**", ""])


def with_progress(readme: str, rows: Sequence[Row]) -> str:
    """Return the README with its progress line brought up to date."""
    done = count(rows)
    filled = round(CELLS * done.whole / done.needed) if done.needed else 0
    bar = f"`{'█' * filled}{'░' * (CELLS - filled)}` {done}"
    return PROGRESS.sub(lambda found: f"{found[1]}\n{bar}\n{found[2]}", readme)
