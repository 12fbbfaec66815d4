"""
What lies below AVOW_HOME, held against the catalogue: files that no room declared, and files that others may read.

Why beside the tables: a database is not the only place where something can stay. A spill file, a core or a log that
a library opens is found here, before anybody has to ask what it holds.

Holds:    a folder that is declared as a whole is looked at, and not what lies in it: PostgreSQL and the collected
          style sheets have folders of their own. What goes away while we look is no fault. No link is followed.
Does not: read any file; what files hold in clear is searched for by the marker test.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from avow.vault.catalogue import FileKind

MOST = 100_000  # names; more cannot be looked at within a live check
OF_OTHERS = 0o077
WHOLE = "/**"


def astray(root: Path, kinds: Iterable[FileKind]) -> list[str]:
    """Return a phrase for each file that no kind claims, or that is closed to others by its kind and yet open."""
    known, wrong = tuple(kinds), list[str]()
    for number, (path, status) in enumerate(_below(root, "", known)):
        if number >= MOST:
            return [*wrong, f"more than {MOST:,} files, of which the rest was not looked at"]
        kind = kind_of(path, known)
        if kind is None:
            wrong.append(f"{path}, which no room declares")
        elif kind.closed and not stat.S_ISLNK(status.st_mode) and status.st_mode & OF_OTHERS:
            wrong.append(f"{path}, which others than its owner may open")
    return wrong


def kind_of(path: str, kinds: Iterable[FileKind]) -> FileKind | None:
    """Return the kind that claims a file, or a folder as a whole."""
    return next((kind for kind in kinds if _pattern(kind.pattern).fullmatch(path)), None)


def _below(folder: Path, at: str, kinds: tuple[FileKind, ...]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield each file below a folder with its path from the home, and folders that are declared as a whole."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        path = f"{at}{entry.name}"
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(status.st_mode) and kind_of(path, kinds) is None:
            yield from _below(folder / entry.name, f"{path}/", kinds)
        else:
            yield path, status


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """Read a pattern; one that ends in `/**` is that folder itself, and all below it."""
    whole, said = pattern.endswith(WHOLE), pattern.removesuffix(WHOLE)
    inner = "[^/]*".join(re.escape(part) for part in said.split("*"))
    return re.compile(inner + ("(/.*)?" if whole else ""), re.DOTALL)
