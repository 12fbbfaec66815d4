"""
Text with its dress: what the words are, and which of them are bold, linked or code.

Why runs: a bold passage may reach over two sentences and a sentence over two
bold passages. Cutting a list of (text, marks) at any character keeps both sides
well formed; cutting HTML does not.

Holds:    of raw HTML only the dress that Markdown itself has survives, and links
          that lead to http, https, mail, telephone or a place on this site; the
          words in other tags are kept, except of scripts and styles. An image is its description.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate
from urllib.parse import urlsplit

from markdown_it.token import Token

SCHEMES = {"", "http", "https", "mailto", "tel"}
DRESS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "s": "s", "del": "s", "code": "code", "a": "a"}
UNSEEN = {"script", "style", "template", "noscript", "iframe", "object", "title", "textarea"}
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
SLACK = 2000  # how far from its expected place a piece of text is looked for


@dataclass(frozen=True)
class Mark:
    """One piece of dress: strong, em, s, code, or a with its address."""

    tag: str
    href: str = ""

    @property
    def opening(self) -> str:
        """The tag that puts it on."""
        return f'<a href="{escape(self.href)}" rel="noopener noreferrer">' if self.tag == "a" else f"<{self.tag}>"


@dataclass(frozen=True)
class Run:
    """Words in one dress; a hard line break is the text of a line feed."""

    text: str
    marks: tuple[Mark, ...] = ()
    line: int = 0


def safe_address(href: str) -> bool:
    """Say whether a link may lead there; what a browser would ignore inside a scheme counts as hostile."""
    if any(not c.isprintable() for c in href):
        return False
    try:
        return urlsplit(href.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False


class Reader:
    """Turn the tokens of one paragraph into runs."""

    def __init__(self, source: str, line: int) -> None:
        self.source, self.line, self.at = source, line, 0
        self.marks: list[Mark] = []
        self.unseen = ""
        self.runs: list[Run] = []

    def read(self, tokens: Iterable[Token]) -> tuple[Run, ...]:
        """Return the runs of all tokens."""
        for token in tokens:
            self.take(token)
        return tuple(self.runs)

    def take(self, token: Token) -> None:
        """Take one token in."""
        if token.type in {"text", "text_special", "code_inline"}:
            self.words(token)
        elif token.type == "softbreak":
            self.pass_over("\n")
            self.add(" ")
        elif token.type == "hardbreak":
            self.pass_over("\n")
            self.add("\n")
        elif token.type == "html_inline":
            self.html(token.content)
        elif token.type == "image":
            self.add(token.content)
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            self.marks.append(Mark("a", href) if safe_address(href) else Mark(""))
        elif token.nesting == 1:
            self.marks.append(Mark(token.tag))
        elif token.nesting == -1:
            self.close("a" if token.type == "link_close" else token.tag)

    def words(self, token: Token) -> None:
        """Take words in, with code as a mark."""
        if token.type == "code_inline":
            self.pass_over(token.markup)
            self.add(token.content, Mark("code"))
            self.pass_over(token.markup)
            return
        self.pass_over(token.content, before=True)
        self.add(token.content)
        self.pass_over(token.content)

    def html(self, content: str) -> None:
        """Keep the dress of a raw tag and drop the tag."""
        self.pass_over(content)
        found = TAG.match(content)
        if found is None:
            return
        closing, name = bool(found.group(1)), found.group(2).lower()
        if name in UNSEEN:
            self.unseen = "" if closing else name
        elif name == "br":
            self.add("\n")
        elif name in DRESS and closing:
            self.close(DRESS[name])
        elif name in DRESS and not content.endswith("/>"):
            self.marks.append(_html_mark(DRESS[name], content))

    def close(self, tag: str) -> None:
        """Take off the innermost mark of this kind, if there is one."""
        wanted = {tag, ""} if tag == "a" else {tag}
        for i in range(len(self.marks) - 1, -1, -1):
            if self.marks[i].tag in wanted:
                del self.marks[i]
                return

    def add(self, text: str, *more: Mark) -> None:
        """Add words in the present dress."""
        if text and not self.unseen:
            marks = tuple(dict.fromkeys(m for m in (*self.marks, *more) if m.tag))
            self.runs.append(Run(text, _one_link(marks), self.line))

    def pass_over(self, piece: str, *, before: bool = False) -> None:
        """Move to a piece of the source, or behind it, counting lines on the way; stay when it is not there."""
        found = self.source.find(piece, self.at, self.at + len(piece) + SLACK)
        if found >= 0:
            end = found if before else found + len(piece)
            self.line += self.source.count("\n", self.at, end)
            self.at = end


def _html_mark(tag: str, content: str) -> Mark:
    if tag != "a":
        return Mark(tag)
    found = HREF.search(content)
    href = next((g for g in found.groups() if g is not None), "") if found else ""
    return Mark("a", href) if href and safe_address(href) else Mark("")


def _one_link(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Keep the outermost link only; links do not nest."""
    first = next((m for m in marks if m.tag == "a"), None)
    return tuple(m for m in marks if m.tag != "a" or m is first)


class Words:
    """The runs of one block as one text that can be cut at any character."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.ends = list(accumulate(len(run.text) for run in runs))
        self.text = "".join(run.text for run in runs)

    def cut(self, start: int, end: int) -> list[Run]:
        """Return the runs between two characters."""
        kept = []
        for i in range(bisect_right(self.ends, start), len(self.runs)):
            run = self.runs[i]
            at = self.ends[i] - len(run.text)
            if at >= end:
                break
            kept.append(replace(run, text=run.text[max(start - at, 0) : end - at]))
        return [run for run in kept if run.text]


def to_html(runs: Iterable[Run]) -> str:
    """Return safe, well-formed HTML of runs."""
    html: list[str] = []
    worn: list[Mark] = []
    for run in runs:
        shared = _shared(worn, run.marks)
        html += [f"</{mark.tag}>" for mark in reversed(worn[shared:])]
        html += [mark.opening for mark in run.marks[shared:]]
        worn = list(run.marks)
        html.append("<br>".join(escape(part) for part in run.text.split("\n")))
    return "".join(html) + "".join(f"</{mark.tag}>" for mark in reversed(worn))


def _shared(one: Sequence[Mark], other: Sequence[Mark]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
