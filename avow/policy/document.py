"""
The nouns of a policy text: a sentence, a block, a document.

Why blocks hold numbers and not sentences: binding a text to its clauses gives
sentences other ids and nothing else, so the layout must not have to change.

Holds:    immutable; every sentence stands in exactly one block, in reading order,
          and no two sentences share an id.
Does not: keep the source's markup. `html` holds only what rendering.py allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Sentence:
    """One sentence as published, and what recognises it elsewhere."""

    id: str  # its address in this text: 3a.6
    text: str  # the words, without markup, white space folded
    html: str  # the same with its own bold, links and code, safe to show
    line: int  # where it starts in the source, from 1
    sha256: str  # of the normalised text (identity.py)
    path: tuple[str, ...]  # the headings above it, outermost first
    ordinal: int  # the n-th sentence with this hash under this path, from 1

    @property
    def key(self) -> tuple[str, tuple[str, ...], int]:
        """What tells it from every other sentence of the text, repeated ones included."""
        return self.sha256, self.path, self.ordinal


class BlockKind(StrEnum):
    """What a block is; the renderer knows one form for each."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    PLAIN = "plain"  # a paragraph of a tight list: the same without space around it
    BULLETS = "bullets"
    NUMBERS = "numbers"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    HEAD_CELL = "head-cell"
    CELL = "cell"
    QUOTE = "quote"
    RULE = "rule"


@dataclass(frozen=True)
class Block:
    """A piece of layout: either with pieces (sentences by their number, safe HTML between them) or with children."""

    kind: BlockKind
    pieces: tuple[int | str, ...] = ()
    children: tuple["Block", ...] = ()
    level: int = 0  # of a heading in the outline: 1 for a section, 2 for a subsection
    section: str = ""  # of a heading: 3a
    anchor: str = ""  # of a heading: what `#…` links in the text point to
    start: int = 1  # of a numbered list


@dataclass(frozen=True)
class Document:
    """A policy text, read."""

    sentences: tuple[Sentence, ...]
    blocks: tuple[Block, ...]
    effective_date: date | None
    title: str
    permalink: str | None
    language: str
    source_sha256: str

    def __iter__(self) -> Iterator[Sentence]:
        """Walk the sentences in reading order."""
        return iter(self.sentences)

    def sentence(self, sentence_id: str) -> Sentence | None:
        """Return the sentence with this id, or None."""
        return next((s for s in self.sentences if s.id == sentence_id), None)
