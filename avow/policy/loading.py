"""
From a path to a bound policy: the one way for the service and the command line.

Holds:    a table that the caller names is used whatever it recognises; otherwise the
          one beside the text or a shipped one that knows at least half of its sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avow.errors import BindingWrong
from avow.policy.binding import BoundPolicy, best_table, bind
from avow.policy.clauses import ClauseTable
from avow.policy.document import Document
from avow.policy.parsing import parse
from avow.policy.reading import read_policy
from avow.policy.reading_clauses import read_clauses
from avow.policy.shipped import roots, text_beside

NO_TABLE = ClauseTable("no clause table", "0" * 64, ())


@dataclass(frozen=True)
class Loaded:
    """A bound policy with where it came from."""

    bound: BoundPolicy
    text: Path
    table: Path | None
    raw: bytes  # the text's bytes, for freezing


def load(text: Path, table: Path | None = None, *, need_table: bool = True) -> Loaded:
    """
    Read a policy text and bind it.

    Raises PolicyUnreadable or BindingWrong; so also when no table knows the text, unless `need_table` is false.
    """
    raw = read_policy(text)
    document = parse(raw, name=str(text))
    chosen = table or table_for(document, text)
    if chosen is None and need_table:
        raise BindingWrong(
            f"No clause table knows the sentences of {text}; start one with `avow policy import {text}` and confirm it."
        )
    return Loaded(bind(document, read_clauses(chosen) if chosen else NO_TABLE), text, chosen, raw)


def table_for(document: Document, text: Path, shipped: Sequence[Path] | None = None) -> Path | None:
    """Return the table beside the text, or a shipped one, whichever knows most of it and at least half."""
    beside = [path for path in (text.parent / "clauses.toml",) if path.is_file()]
    under = [path for root in (roots() if shipped is None else shipped) for path in sorted(root.glob("*/clauses.toml"))]
    return best_table(document, [*beside, *under])


def load_shipped(name: str = "optimibi") -> Loaded:
    """Load a policy that comes with Avow."""
    tables = [root / name / "clauses.toml" for root in roots()]
    table = next((path for path in tables if path.is_file()), None)
    text = text_beside(table, read_clauses(table).policy) if table else None
    if table is None or text is None:
        raise BindingWrong(f"No policy named {name} comes with this Avow; install it again, or name a file.")
    return load(text, table)
