"""
Show the policy's own text, with every sentence between two strings of the caller's.

Holds:    all words are escaped, and only tags written in this file and in runs.py come
          out; nothing that the policy's author typed as HTML does. Each sentence
          comes exactly once, in reading order. A section is an h2, its parts h3 and
          so on, whatever levels the source used, since the page's h1 is the title.
Assumes:  what `wrap` returns is safe HTML and fits inside a paragraph.
"""

from collections.abc import Callable
from html import escape

from avow.policy.document import Block, BlockKind, Document, Sentence

Wrap = Callable[[Sentence], tuple[str, str]]
TAGS = {
    BlockKind.PARAGRAPH: "p",
    BlockKind.BULLETS: "ul",
    BlockKind.NUMBERS: "ol",
    BlockKind.ITEM: "li",
    BlockKind.TABLE: "table",
    BlockKind.ROW: "tr",
    BlockKind.HEAD_CELL: "th",
    BlockKind.CELL: "td",
    BlockKind.QUOTE: "blockquote",
}
DEEPEST = 6


def render(document: Document, wrap: Wrap) -> str:
    """Return the text as safe HTML."""
    return "\n".join(_block(block, document, wrap) for block in document.blocks)


def _block(block: Block, document: Document, wrap: Wrap) -> str:
    if block.kind is BlockKind.RULE:
        return "<hr>"
    inner = _pieces(block, document, wrap) + "".join(_block(child, document, wrap) for child in block.children)
    if block.kind is BlockKind.HEADING:
        level = min(block.level + 1, DEEPEST)
        return f'<h{level} id="{escape(block.anchor)}">{inner}</h{level}>'
    tag = TAGS.get(block.kind)
    return f"<{tag}{_start(block)}>{inner}</{tag}>" if tag else inner


def _pieces(block: Block, document: Document, wrap: Wrap) -> str:
    return "".join(p if isinstance(p, str) else _sentence(document.sentences[p], wrap) for p in block.pieces)


def _sentence(sentence: Sentence, wrap: Wrap) -> str:
    before, after = wrap(sentence)
    return f"{before}{sentence.html}{after}"


def _start(block: Block) -> str:
    return f' start="{block.start}"' if block.kind is BlockKind.NUMBERS and block.start != 1 else ""
