"""
From the parser's tokens to a small tree of blocks, with the words in runs.

Holds:    every word that a reader of the published page would see is in one run.
          Fenced code is text like any other. Raw HTML gives its words, and its headings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from avow.policy.document import BlockKind
from avow.policy.runs import DRESS, UNSEEN, Mark, Reader, Run, safe_address

KINDS = {
    "heading": BlockKind.HEADING,
    "paragraph": BlockKind.PARAGRAPH,
    "bullet_list": BlockKind.BULLETS,
    "ordered_list": BlockKind.NUMBERS,
    "list_item": BlockKind.ITEM,
    "blockquote": BlockKind.QUOTE,
    "hr": BlockKind.RULE,
    "table": BlockKind.TABLE,
    "tr": BlockKind.ROW,
    "th": BlockKind.HEAD_CELL,
    "td": BlockKind.CELL,
}
THROUGH = {"thead", "tbody"}
HTML_HEADINGS = {f"h{level}": level for level in range(1, 7)}
HTML_INLINE = {*DRESS, "span", "u", "small", "sup", "sub", "abbr", "time", "mark", "font", "cite", "q", "label", "img"}


@dataclass(frozen=True)
class Raw:
    """A block before its words are cut into sentences."""

    kind: BlockKind
    runs: tuple[Run, ...] = ()
    children: tuple["Raw", ...] = ()
    level: int = 0
    start: int = 1

    def walk(self) -> Iterator["Raw"]:
        """Walk this block and all below, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


def lay_out(tokens: list[Token]) -> tuple[Raw, ...]:
    """Return the blocks of a document."""
    return tuple(_blocks(SyntaxTreeNode(tokens).children, 1))


def _blocks(nodes: list[SyntaxTreeNode], line: int) -> Iterator[Raw]:
    for node in nodes:
        here = node.map[0] + 1 if node.map else line
        if node.type in THROUGH:
            yield from _blocks(node.children, here)
        elif node.type == "html_block":
            yield from HtmlReader(here).read(node.content)
        elif node.type == "fence":
            yield Raw(BlockKind.PARAGRAPH, tuple(_lines(node.content, here + 1)))
        elif node.type in KINDS:
            yield _block(node, here)


def _block(node: SyntaxTreeNode, line: int) -> Raw:
    kind = KINDS[node.type]
    if kind is BlockKind.PARAGRAPH and node.hidden:
        kind = BlockKind.PLAIN
    if node.children and node.children[0].type == "inline":
        return Raw(kind, _inline(node.children[0], line), level=_level(node))
    start = int(node.attrs.get("start", 1)) if kind is BlockKind.NUMBERS else 1
    return Raw(kind, children=tuple(_blocks(node.children, line)), start=start)


def _level(node: SyntaxTreeNode) -> int:
    return int(node.tag[1]) if node.type == "heading" else 0


def _inline(node: SyntaxTreeNode, line: int) -> tuple[Run, ...]:
    token = node.token
    return Reader(node.content, line).read((token.children or []) if token else [])


def _lines(content: str, line: int) -> Iterator[Run]:
    for i, text in enumerate(content.rstrip("\n").split("\n")):
        yield Run(text + " ", (), line + i)


class HtmlReader(HTMLParser):
    """Read a block of raw HTML as its words: a block for each block element, headings as headings."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.first_line, self.unseen = line, ""
        self.marks: list[Mark] = []
        self.runs: list[Run] = []
        self.level = 0
        self.found: list[Raw] = []

    def read(self, content: str) -> list[Raw]:
        """Return the blocks of this piece of HTML."""
        self.feed(content)
        self.close()
        self.flush()
        return self.found

    def flush(self) -> None:
        """End the present block."""
        if any(run.text.strip() for run in self.runs):
            kind = BlockKind.HEADING if self.level else BlockKind.PARAGRAPH
            self.found.append(Raw(kind, tuple(self.runs), level=self.level))
        self.runs, self.marks, self.level = [], [], 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Put dress on, break the line, or begin a block."""
        if tag in UNSEEN:
            self.unseen = tag
        elif tag == "br":
            self.runs.append(Run("\n", (), self.line))
        elif tag in DRESS:
            self.dress(tag, dict(attrs).get("href") or "")
        elif tag not in HTML_INLINE:
            self.flush()
            self.level = HTML_HEADINGS.get(tag, 0)

    def dress(self, tag: str, href: str) -> None:
        """Put on a mark, of a link only when it is safe and not inside another."""
        if tag != "a":
            self.marks.append(Mark(DRESS[tag]))
        elif href and safe_address(href) and not any(mark.tag == "a" for mark in self.marks):
            self.marks.append(Mark("a", href))

    def handle_endtag(self, tag: str) -> None:
        """Take dress off or end a block."""
        if tag == self.unseen:
            self.unseen = ""
        elif tag in DRESS:
            last = next((i for i in range(len(self.marks) - 1, -1, -1) if self.marks[i].tag == DRESS[tag]), None)
            if last is not None:
                del self.marks[last]
        elif tag not in HTML_INLINE and tag not in UNSEEN:
            self.flush()

    def handle_data(self, data: str) -> None:
        """Keep words, line by line, so that each knows where it stands."""
        if self.unseen:
            return
        marks = tuple(dict.fromkeys(self.marks))
        for i, text in enumerate(data.split("\n")):
            if text.strip() or i == 0:
                self.runs.append(Run(text if i == 0 else " " + text, marks, self.line + i))
            else:
                self.runs.append(Run(" ", marks, self.line + i))

    @property
    def line(self) -> int:
        """The line of the source where the parser stands."""
        return self.first_line + self.getpos()[0] - 1
