"""
The policies that come with Avow: the repository's `policies/`, or the package's own copy.

Why two places: a checkout and an installed wheel shall find the same texts.
"""

from pathlib import Path

import avow

PACKAGE = Path(avow.__file__).resolve().parent


def roots() -> list[Path]:
    """Return the folders whose subfolders each hold a `clauses.toml`."""
    return [root for root in (PACKAGE.parent / "policies", PACKAGE / "_policies") if root.is_dir()]


def text_beside(table: Path, policy: str | None) -> Path | None:
    """Return the policy text that a table names, or else the newest by name beside it."""
    if policy and (table.parent / policy).is_file():
        return table.parent / policy
    return max(table.parent.glob("[0-9]*.md"), default=None)
