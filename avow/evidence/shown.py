"""
Which live checks were seen to fail, and for which source.

Why: a check that has never failed may be one that cannot. A test breaks the mechanism, sees the
check fail, and this file remembers check, date and the source it was shown for. When
either changes, what was shown no longer counts, until the test has run again.

Holds:    the source is the check itself and every module that holds an act keeping its promises,
          as syntax, so that comments, docstrings and layout change nothing. The file is sorted
          and its dates stay as they are while the source does.
Assumes:  every module with a mark is imported (`avow.policy.trace.load_marks` or the apps' own `ready`).
"""

import ast
import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from avow.policy.promises import CHECKS, KEEPERS

FILE = Path(__file__).with_name("shown_to_fail.json")
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
    """Return the sha256 over the check and every module that holds an act keeping its promises."""
    check = CHECKS[check_name]
    digest = hashlib.sha256(_function(check.run))
    keepers = {keeper.__module__ for promise in check.promises for keeper in KEEPERS.get(promise, [])}
    for module in sorted(keepers):
        digest.update(module.encode() + _module(module))
    return digest.hexdigest()


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
def _function(function: Callable[..., Any]) -> bytes:
    """Return the hash of a function's syntax without its docstrings."""
    tree = _tree(function.__module__)
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function.__name__]
    return hashlib.sha256("\n".join(shape(node) for node in named).encode()).digest()


@cache
def _module(name: str) -> bytes:
    return hashlib.sha256(shape(_tree(name)).encode()).digest()


@cache
def _tree(name: str) -> ast.Module:
    file = sys.modules[name].__file__
    return ast.parse(Path(file).read_text(encoding="utf-8")) if file else ast.Module([], [])


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
