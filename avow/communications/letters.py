"""
The texts that go out: one file each, whose first line is the subject; the shipped one, or the house's (`own_letters`).

Why string.Template and no template language: a letter has gaps and no logic, so it
cannot loop, reach into objects or fail for one person alone.

Holds:    a gap that is not filled is an error at once;
          a filling never adds a line to a subject, and is plain text, never markup.
          Only the gaps of BY_HAND may hold paragraphs: what somebody at the desk wrote, and a list of changes.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from django.conf import settings

from avow.communications import own_letters
from avow.errors import NotFound

FOLDER = Path(__file__).parent / "letters"
BY_HAND = frozenset(
    {"body", "answer", "announcement", "changes", "lines", "older", "happened", "consequences", "measures"}
)  # these keep their lines
WIDTH = 78


@dataclass(frozen=True)
class Letter:
    """A letter with its gaps filled."""

    subject: str
    text: str


def write(name: str, gaps: Mapping[str, str]) -> Letter:
    """Fill the letter of this name."""
    subject, text = _templates(name)
    plain = {gap: _paragraphs(value) if gap in BY_HAND else _plain(value) for gap, value in gaps.items()}
    return Letter(one_line(subject.substitute(plain)), text.substitute(plain))


def gaps_of(name: str) -> set[str]:
    """Return the names of this letter's gaps."""
    return {gap for template in _templates(name) for gap in template.get_identifiers()}


def names() -> list[str]:
    """Return the names of all letters."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def one_line(text: str) -> str:
    """Return the text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _paragraphs(value: str) -> str:
    """Return the text with its lines, each without control characters and wrapped as mail is."""
    lines = (_plain(line).rstrip() for line in value.strip().splitlines())
    return "\n".join(textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines)


def _plain(value: str) -> str:
    return "".join(c for c in value if c.isprintable())


def _templates(name: str) -> tuple[Template, Template]:
    return _read(name, settings.LETTERS)


@cache
def _read(name: str, own: Path | None) -> tuple[Template, Template]:
    if name not in names():
        raise NotFound("There is no letter by that name; letters lie in avow/communications/letters.")
    path = own / f"{name}.txt" if own else None
    return own_letters.split(path if path and path.is_file() else FOLDER / f"{name}.txt")
