"""
From each sentence to the code that keeps it, the tests that prove it and the checks that watch it.

Why by reading the source and not by importing it: the trace must be the same on a
machine without a database, must name file and line, and must not depend on which
modules happened to be imported. The marks are plain decorators with enum members, so
the syntax tree says it all.

Holds:    a sentence is kept, proved or watched only when every promise it is bound to
          is. A check counts as watching only when a test has seen it fail for the
          source as it stands (the caller passes the names of those checks).
Does not: say that a promise holds now. That is asked of the living service
          (`avow.evidence.states`).
"""

import ast
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from avow.policy.binding import BoundPolicy
from avow.policy.clauses import Kind
from avow.policy.promises import Promise

KEEPS, WATCHES, PROVES = "keeps", "watches", "proves"


@dataclass(frozen=True)
class Mark:
    """One mark in the source: which promise, at which function, in which file and line."""

    promise: Promise
    kind: str  # keeps | watches | proves
    module: str
    file: str
    line: int
    name: str

    @property
    def check(self) -> str:
        """The name under which a live check is registered."""
        return self.name.replace("_", "-")


@dataclass(frozen=True)
class Row:
    """One sentence with what keeps, proves and watches it."""

    id: str
    clause: str
    kind: Kind | None
    promises: tuple[Promise, ...]
    keepers: tuple[Mark, ...]
    proofs: tuple[Mark, ...]
    checks: tuple[Mark, ...]
    shown: frozenset[str]

    @property
    def needed(self) -> bool:
        """Whether the sentence needs a mechanism; only a statement needs none."""
        return self.kind is not Kind.STATEMENT

    def _each_has(self, promises: Iterable[Promise]) -> bool:
        return bool(self.promises) and set(self.promises) <= set(promises)

    @property
    def kept(self) -> bool:
        """Whether every promise has an act that keeps it."""
        return self._each_has(mark.promise for mark in self.keepers)

    @property
    def proved(self) -> bool:
        """Whether every promise has a test that proves it."""
        return self._each_has(mark.promise for mark in self.proofs)

    @property
    def watched(self) -> bool:
        """Whether every promise has a live check that was seen to fail when its mechanism was broken."""
        return self._each_has(mark.promise for mark in self.checks if mark.check in self.shown)


def named_promises(call: ast.AST, mark: str) -> Iterator[Promise]:
    """Yield the promises named in a call such as keeps(Promise.X, Promise.Y) or pytest.mark.proves(Promise.X)."""
    if not isinstance(call, ast.Call):
        return
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called != mark:
        return
    for argument in call.args:
        if isinstance(argument, ast.Attribute) and getattr(argument.value, "id", "") == "Promise":
            yield Promise[argument.attr]


def module_of(path: Path, root: Path) -> str:
    """Return the dotted name of a file below the folder that holds the package."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield every function and class of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def scan_marks(package: Path) -> list[Mark]:
    """Return every @keeps and @watches below the package's folder, in order of file and line."""
    found = []
    for path in sorted(package.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f"@{KEEPS}(" not in text and f"@{WATCHES}(" not in text:
            continue
        for node in functions(ast.parse(text)):
            for decorator in node.decorator_list:
                for kind in (KEEPS, WATCHES):
                    file, module = path.relative_to(package.parent).as_posix(), module_of(path, package.parent)
                    found += [
                        Mark(p, kind, module, file, node.lineno, node.name) for p in named_promises(decorator, kind)
                    ]
    return sorted(found, key=lambda mark: (mark.file, mark.line))


def scan_proofs(tests: Path) -> list[Mark]:
    """Return one mark for each test function and promise it proves, by its own marker or by its module's."""
    found = []
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if f".{PROVES}(" not in text:
            continue
        tree = ast.parse(text)
        file, module = path.relative_to(tests.parent).as_posix(), module_of(path, tests.parent)
        of_module = [
            p
            for node in tree.body
            if is_pytestmark(node)
            for call in ast.walk(node)
            for p in named_promises(call, PROVES)
        ]
        for node in functions(tree):
            if node.name.startswith("test_"):
                own = [p for decorator in node.decorator_list for p in named_promises(decorator, PROVES)]
                found += [Mark(p, PROVES, module, file, node.lineno, node.name) for p in dict.fromkeys(own + of_module)]
    return found


def is_pytestmark(node: ast.stmt) -> bool:
    """Tell whether a statement of a test module assigns its markers."""
    return isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in node.targets)


def trace(bound: BoundPolicy, marks: Iterable[Mark], shown: Set[str]) -> list[Row]:
    """Return one row for each sentence of the policy, in the order of the text."""
    by_kind: dict[str, dict[Promise, list[Mark]]] = {KEEPS: {}, WATCHES: {}, PROVES: {}}
    for mark in marks:
        by_kind[mark.kind].setdefault(mark.promise, []).append(mark)

    def of(kind: str, promises: Iterable[Promise]) -> tuple[Mark, ...]:
        return tuple(mark for promise in promises for mark in by_kind[kind].get(promise, []))

    rows = []
    for sentence, clause in bound.clauses:
        promises = clause.promises if clause else ()
        rows.append(
            Row(
                id=sentence.id,
                clause=clause.name if clause else "",
                kind=clause.kind if clause else None,
                promises=promises,
                keepers=of(KEEPS, promises),
                proofs=of(PROVES, promises),
                checks=of(WATCHES, promises),
                shown=frozenset(shown),
            )
        )
    return rows


@dataclass(frozen=True)
class Count:
    """The project's progress: how many of the sentences that need a mechanism have one, with proof and check."""

    needed: int
    kept: int
    proved: int
    watched: int
    whole: int

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.whole} of {self.needed} sentences kept, proved and watched "
            f"(kept {self.kept}, proved {self.proved}, watched {self.watched})"
        )


def count(rows: Iterable[Row]) -> Count:
    """Count the sentences that need a mechanism."""
    needed = [row for row in rows if row.needed]
    return Count(
        needed=len(needed),
        kept=sum(row.kept for row in needed),
        proved=sum(row.proved for row in needed),
        watched=sum(row.watched for row in needed),
        whole=sum(row.kept and row.proved and row.watched for row in needed),
    )
