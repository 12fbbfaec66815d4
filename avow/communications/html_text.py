"""
The words of a mail that has no plain text part: what its HTML would show, and nothing that it would do.

Holds:    scripts, styles and quoted mail (blockquote, gmail_quote) leave no words; nothing is fetched.
Does not: lay out; a block begins a new line, and that is all.
"""

from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "head", "title", "template", "blockquote", "noscript"})
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "hr", "table", "ul", "ol"})
EMPTY = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base", "source", "track", "embed"}
)
QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix")


class _Reader(HTMLParser):
    """Collects words outside what is silent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent: list[str] = []  # the open elements from the outermost silent one on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag in BLOCKS:
            self.words.append("\n")
        quoted = any(name == "class" and value and value.startswith(QUOTES) for name, value in attrs)
        if tag not in EMPTY and (self.silent or tag in SILENT or quoted):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """End an element, and whatever stands open inside it."""
        if tag in self.silent:
            while self.silent.pop() != tag:
                pass
        if tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words that a reader would see."""
        if not self.silent:
            self.words.append(" ".join(data.split()) + " " if data.strip() else " ")


def words_of(html: str) -> str:
    """Return the words of a page, line by line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)
