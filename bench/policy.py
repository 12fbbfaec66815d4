"""How long reading a policy takes, each in turn with the library's own rendering of the same bytes."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from avow.policy.parsing import parse

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared" / "policies"
ROUNDS = 7


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds that an act takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def run() -> dict[str, Any]:
    """Read each policy, in turn with the library's own parse of the same bytes."""
    results = {}
    for path in sorted([*SHARED.glob("*.md"), *(REPOSITORY / "policies").glob("*/*.md")]):
        raw = path.read_bytes()
        plain = MarkdownIt("commonmark").enable("table")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(timed(lambda raw=raw: parse(raw)))
            theirs.append(timed(lambda raw=raw, plain=plain: plain.render(raw.decode())))
        results[path.name] = {
            "sentences": len(parse(raw).sentences),
            "bytes": len(raw),
            "avow_ms": round(statistics.median(ours), 2),
            "plain_markdown_ms": round(statistics.median(theirs), 2),
            "ratio": round(statistics.median(ours) / statistics.median(theirs), 2),
        }
    return results
