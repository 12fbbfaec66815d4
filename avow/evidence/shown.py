"""
Which live checks were seen to fail, and for which source.

Why: a check that has never failed may be one that cannot. A test breaks the mechanism, sees the
check fail, and this file remembers check, date and the source it was shown for. When
either changes, what was shown no longer counts, until the test has run again.

Holds:    the source is the check's module and every module that holds an act keeping its promises,
          all that these import of their own rooms, however deep, and what they import themselves of
          other rooms; as syntax, so that comments, docstrings and layout change nothing. It is read
          from the files, once a process. The file is sorted and its dates stay while the source does.
Assumes:  every module with a mark is imported (`avow.policy.trace.load_marks` or the apps' own `ready`).
Does not: follow another room's imports of its own: what such a room promises has checks of its own.
"""

import ast
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from avow.policy.promises import CHECKS, KEEPERS

FILE = Path(__file__).with_name("shown_to_fail.json")
ROOT = Path(__file__).parents[2]  # the folder that holds `avow`
SKIPPED = {"type_params", "type_comment", "kind"}  # what only some versions of Python write


class Shown(TypedDict):
    """What was shown of one check."""

    source_sha256: str
    on: str
    how: str


def read(file: Path = FILE) -> dict[str, Shown]:
    """Return what was shown, by the check's name."""
    try:
        return _parse(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@cache
def _parse(file: Path, _changed: int) -> dict[str, Shown]:
    return dict(json.loads(file.read_text()))


def is_shown(check_name: str) -> bool:
    """Whether the check was seen to fail for the source as it stands."""
    shown = read().get(check_name)
    return shown is not None and shown["source_sha256"] == source_of(check_name)


def source_of(check_name: str) -> str:
    """Return the sha256 over what the check does and every module that does what it checks."""
    check = CHECKS[check_name]
    keepers = {keeper.__module__ for promise in check.promises for keeper in KEEPERS.get(promise, [])}
    return _digest(check.run.__name__, frozenset({check.run.__module__, *keepers}))


@cache
def _digest(function: str, start: frozenset[str]) -> str:
    digest = hashlib.sha256("\n".join([function, *sorted(start)]).encode())
    for module in sorted(covered(start)):
        digest.update(b"\n" + module.encode() + _module(module))
    return digest.hexdigest()


def covered(start: frozenset[str]) -> set[str]:
    """Return these modules, what they import of avow, and all that is imported from there within their own rooms."""
    rooms = {_room(module) for module in start}
    found, waiting = set(start), set(start)
    while waiting:
        module = waiting.pop()
        wanted = {name for name in _imports(module) if module in start or _room(name) == _room(module)}
        fresh = wanted - found
        found |= fresh
        waiting |= {name for name in fresh if _room(name) in rooms}
    return found


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def record(check_name: str, how: str, on: date, *, file: Path = FILE) -> None:
    """Write down that the check was seen to fail; what was shown for the same source stays as it is."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two runs of tests at once must not lose each other's line
        _write(check_name, how, on, file)
    finally:
        os.close(folder)


def _write(check_name: str, how: str, on: date, file: Path) -> None:
    known, source = read(file), source_of(check_name)
    before = known.get(check_name)
    if before and before["source_sha256"] == source and before["how"] == how:
        return
    day = before["on"] if before and before["source_sha256"] == source else on.isoformat()
    after = {**known, check_name: Shown(source_sha256=source, on=day, how=how)}
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_text(json.dumps(after, indent=1, sort_keys=True) + "\n")
    fresh.rename(file)


@cache
def _module(name: str) -> bytes:
    """Return the hash of a module's syntax without its docstrings."""
    return hashlib.sha256(shape(_tree(name)).encode()).digest()


@cache
def _imports(name: str) -> frozenset[str]:
    """Return the modules of avow that a module imports, wherever in it that stands."""
    named: set[str] = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = _above(name, node.level) if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            named |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return frozenset(found for found in named if found.startswith("avow.") and _file(found))


def _above(name: str, level: int) -> list[str]:
    """Return the package that a relative import starts from."""
    file, parts = _file(name), name.split(".")
    return parts[: len(parts) - level + (file is not None and file.name == "__init__.py")]


@cache
def _tree(name: str) -> ast.Module:
    file = _file(name)
    if file is None:
        raise FileNotFoundError(f"The source of {name} is not at hand, so nobody can tell what was shown for it.")
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _file(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def forget() -> None:
    """Forget what was read; for tests that rewrite a file under a running process."""
    for cached in (_digest, _module, _imports, _tree, _file):
        cached.cache_clear()


def shape(node: Any) -> str:
    """Return syntax as text that is the same in every version of Python and without docstrings."""
    if isinstance(node, list):
        return "[" + ",".join(map(shape, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    return f"{type(node).__name__}({','.join(f'{name}={shape(value)}' for name, value in _fields(node))})"


def _fields(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the fields that carry meaning."""
    for name, value in ast.iter_fields(node):
        if value is None and not isinstance(node, ast.Constant):
            continue
        if name == "body" and isinstance(value, list) and _is_docstring(value):
            yield name, value[1:]
        elif value != [] and name not in SKIPPED:
            yield name, value


def _is_docstring(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
